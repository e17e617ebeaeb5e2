/* WSPRecvDisconnect: what an ISO transport connection shows on the network: TPDUs, and
 * the TCP connection below them. */
#include "farewell.h"
#include "operation.h"
#include "wire_case.h"

#define ON_ISO .has = XP1_DISCONNECT_DATA, .family = AF_ISO

static const char late[] = {'l', 'a', 't', 'e'};

/* Data that the provider has in its own hands, where it takes them unasked. */
static void queue_message(struct spi_test *t)
{
    peer_sends(t, t->peer, late, sizeof late);
    await_readable(t, t->s);
}

static void call_at_rest(struct spi_test *t, WSABUF *data, size_t queued)
{
    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    wire_await_rest(t);
    SETUP(wire_recv_disconnect(t, data, queued));
}

static void expect_peer_goes_on(struct spi_test *t)
{
    int error = 0;

    if (peer_tries_to_send(t->peer, late, sizeof late, &error) >= 0)
        error = 0;
    wire_await_rest(t);
    EXPECT_THAT(!error, ("the peer's send to be taken"), ("%s", error_text(error)));
}

static void expect_no_answer(struct spi_test *t)
{
    int error = peer_meets(t->peer);

    EXPECT_THAT(error == WSAEWOULDBLOCK,
                ("nothing to come back to the peer"),
                ("%s", error ? error_text(error) : "data or the end of TCP's stream"));
}

/* RD-15: neither the call nor what arrives behind it draws a TPDU. */
SPI_CASE(connected,
         .id = "recv_disconnect.wire.tpdus.connected",
         .checks = "RD-15",
         .applies = {ON_ISO},
         .arrange = connected_pair,
         .wire = "no_packet no_window_update no_reset tpdus",
         .tpdus = "provider:CR peer:CC CALL peer:DT='late'")
{
    call_at_rest(t, NULL, 0);
    expect_peer_goes_on(t);
}

/* RD-15: the same where a message waits to be received. */
SPI_CASE(message_queued,
         .id = "recv_disconnect.wire.tpdus.message_queued",
         .checks = "RD-15",
         .applies = {ON_ISO},
         .arrange = connected_pair,
         .wire = "no_packet no_window_update no_reset tpdus",
         .tpdus = "provider:CR peer:CC peer:DT='late' CALL peer:DT='late'")
{
    queue_message(t);
    call_at_rest(t, NULL, sizeof late);
    expect_peer_goes_on(t);
}

/* The peer disconnects with data, the call delivers them. */
static void take_farewell(struct spi_test *t)
{
    struct words words = make_words(0x41, 16);
    WSABUF buffer = guarded_buffer(t, MOST_DATA);

    peer_disconnects(t, words.text, words.size);
    call_at_rest(t, &buffer, 0);
    EXPECT_BYTES(buffer.buf, words.text, words.size);
}

/* RD-15: the call delivers the peer's disconnect data and answers nothing; that is left
 * to what the client does next, here the close. */
SPI_CASE(confirmed_by_close,
         .id = "recv_disconnect.wire.tpdus.confirmed_by_close",
         .checks = "RD-15",
         .applies = {ON_ISO},
         .arrange = connected_pair,
         .wire = "no_packet no_window_update no_reset tpdus",
         .tpdus = "provider:CR peer:CC peer:DR=128:words(41,16) CALL provider:DC")
{
    take_farewell(t);
    SETUP(spi_close(t, t->s));
    peer_takes_farewell(t, t->peer);
}

/* RD-15: the same behind data that nobody has received. */
SPI_CASE(disconnected_behind_data,
         .id = "recv_disconnect.wire.tpdus.disconnected_behind_data",
         .checks = "RD-15",
         .applies = {ON_ISO},
         .arrange = connected_pair,
         .wire = "no_packet no_window_update no_reset tpdus",
         .tpdus = "provider:CR peer:CC peer:DT='late' peer:DR=128:words(41,16) CALL")
{
    struct words words = make_words(0x41, 16);

    queue_message(t);
    peer_disconnects(t, words.text, words.size);
    call_at_rest(t, NULL, sizeof late);
    expect_no_answer(t);
}

/* RD-22: the client's own disconnect data follow the call, in the answer to the peer's
 * disconnect. */
SPI_CASE(answered_with_data,
         .id = "recv_disconnect.wire.tpdus.answered_with_data",
         .checks = "RD-22",
         .applies = {ON_ISO},
         .arrange = connected_pair,
         .wire = "tpdus",
         .tpdus = "provider:CR peer:CC peer:DR=128:words(41,16) CALL "
                  "provider:DR=128:words(61,8)")
{
    struct words answer = make_words(0x61, 8);

    take_farewell(t);
    SETUP(say(t, t->s, &answer));
    expect_peer_hears(t, t->peer, &answer);
}

struct message_row {
    const char *name;
    bool queued; /* a message waits at the call */
};

static const struct message_row message_rows[] = {
    {"nothing_queued", false},
    {"message_queued", true},
};

/* Messages that are sent on each connection, and their size. All fits what a provider
 * takes out of TCP's hands, if it takes anything unasked. */
#define MESSAGES 8
#define MESSAGE 1024

/* How long a provider that reads ahead may take to do so, in milliseconds. */
#define DRAINED_MS 1000

/* The provider has taken all, or leaves it to the system: either way both connections
 * are at rest, with the same window. */
static void both_send(struct spi_test *t, bool *reads_ahead)
{
    static const char message[MESSAGE];
    int error;

    /* What it meets is told in the end. */
    peer_tries_to_send(t->peer, message, sizeof message, &error);
    peer_sends(t, t->other_peer, message, sizeof message);
    if (*reads_ahead)
        *reads_ahead = wire_await_drained(t, DRAINED_MS);
    else
        wire_await_rest(t);
}

/* RD-15: the window below takes the same course as that of a connection on which the
 * client does not receive. */
SPI_TABLE(window,
          struct message_row,
          message_rows,
          .id = "recv_disconnect.wire.message_window",
          .checks = "RD-15",
          .applies = {ON_ISO},
          .arrange = two_connected_pairs,
          .wire = "no_packet no_window_update no_reset window_as_control")
{
    bool reads_ahead = true;

    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    wire_names(t, WIRE_CONTROL, t->other, t->other_peer);
    if (row->queued)
        both_send(t, &reads_ahead);
    wire_await_rest(t);
    SETUP(wire_recv_disconnect(t, NULL, row->queued ? MESSAGE : 0));
    wire_step(t, "both peers send %u messages", (unsigned)MESSAGES);
    for (int i = 0; i < MESSAGES; i++)
        both_send(t, &reads_ahead);
    expect_no_answer(t);
}

SPI_SUITE(recv_disconnect_wire_iso,
          &connected,
          &message_queued,
          &confirmed_by_close,
          &disconnected_behind_data,
          &answered_with_data,
          &window);
