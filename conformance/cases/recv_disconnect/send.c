/* WSPRecvDisconnect: sending goes on. */
#include "operation.h"

static const char reply[] = "still talking";

/* What has happened to the reception before it is ended. */
enum inbound { IDLE, QUEUED, PEER_ENDED };

/* Sends `reply` to the peer; an overlapped send gives how the operation ended. */
typedef struct outcome send_call(struct spi_test *t);

struct send_row {
    const char *name;
    send_call *send;
    enum inbound inbound;
    bool nonblocking;
};

/* --- The ways to send ----------------------------------------------------------- */

static struct outcome send_plain(struct spi_test *t)
{
    return spi_send(t, t->s, reply, sizeof reply, 0);
}

static struct outcome send_to(struct spi_test *t)
{
    int length;
    const struct sockaddr *peer = peer_address(t->peer, &length);

    return spi_send_to(t, t->s, reply, sizeof reply, peer, length);
}

static struct outcome send_gathered(struct spi_test *t)
{
    WSABUF parts[] = {{5, (char *)reply}, {sizeof reply - 5, (char *)reply + 5}};

    return spi_send_buffers(t, t->s, parts, 2, 0, NULL, NULL);
}

static struct outcome send_event(struct spi_test *t)
{
    WSAOVERLAPPED *overlapped = new_overlapped(t, true);
    WSABUF buffer = {sizeof reply, (char *)reply};
    struct outcome o = spi_send_buffers(t, t->s, &buffer, 1, 0, overlapped, NULL);

    if (!o.failed || o.error != WSA_IO_PENDING || !await(t, overlapped->hEvent))
        return o;
    return spi_get_overlapped_result(t, t->s, overlapped, FALSE);
}

static struct outcome send_routine(struct spi_test *t)
{
    static struct completion completion;
    WSAOVERLAPPED *overlapped = new_overlapped_with(t, &completion);
    WSABUF buffer = {sizeof reply, (char *)reply};
    struct outcome o =
        spi_send_buffers(t, t->s, &buffer, 1, 0, overlapped, completion_routine);

    if (o.failed && o.error != WSA_IO_PENDING)
        return o;
    if (WaitForSingleObjectEx(completion.done, AT_ONCE_MS, TRUE) != WAIT_IO_COMPLETION)
        return o;
    o.failed = completion.error != 0;
    o.error = (int)completion.error;
    o.bytes = completion.bytes;
    return o;
}

/* clang-format off */
static const struct send_row connected_rows[] = {
    {"send.idle.blocking", send_plain, IDLE, false},
    {"send.idle.nonblocking", send_plain, IDLE, true},
    {"send.queued", send_plain, QUEUED, false},
    {"send_to.idle", send_to, IDLE, false},
    {"send_to.queued", send_to, QUEUED, false},
    {"send_gathered.idle", send_gathered, IDLE, false},
    {"send_gathered.queued", send_gathered, QUEUED, false},
    {"send_event.idle", send_event, IDLE, false},
    {"send_event.queued", send_event, QUEUED, false},
    {"send_routine.idle", send_routine, IDLE, false},
    {"send_routine.queued", send_routine, QUEUED, false},
};

static const struct send_row peer_ended_rows[] = {
    {"send.blocking", send_plain, PEER_ENDED, false},
    {"send.nonblocking", send_plain, PEER_ENDED, true},
    {"send_to", send_to, PEER_ENDED, false},
    {"send_gathered", send_gathered, PEER_ENDED, false},
    {"send_event", send_event, PEER_ENDED, false},
    {"send_routine", send_routine, PEER_ENDED, false},
};
/* clang-format on */

/* --- Claims ----------------------------------------------------------------------- */

static void end_reception(struct spi_test *t, enum inbound inbound)
{
    if (inbound == QUEUED) {
        peer_sends(t, t->peer, "unread", 6);
        await_readable(t, t->s);
    }
    if (inbound == PEER_ENDED)
        peer_disconnects(t, NULL, 0);
    SETUP(recv_disconnect(t, NULL));
}

static void expect_peer_receives_reply(struct spi_test *t)
{
    char received[sizeof reply] = "";
    int error = 0;
    int count = 0, part = 1;

    while (count < (int)sizeof reply && part > 0) {
        part = peer_receives(
            t, t->peer, received + count, sizeof received - (size_t)count, &error);
        count += part > 0 ? part : 0;
        if (t->entry->dwServiceFlags1 & XP1_MESSAGE_ORIENTED)
            break;
    }
    EXPECT_THAT(count == (int)sizeof reply,
                ("the peer to receive the %d bytes", (int)sizeof reply),
                ("%d bytes, %s", count, part < 0 ? error_text(error) : "no error"));
    if (count == (int)sizeof reply)
        EXPECT_BYTES(received, reply, sizeof reply);
}

static void expect_sends(struct spi_test *t, const struct send_row *row)
{
    struct accepted accepted[3] = {{0, "sent", NULL}};
    size_t count = row->inbound == QUEUED ? tolerate_reset(t, accepted, 1) : 1;
    struct outcome o;

    if (row->nonblocking)
        SETUP(spi_set_nonblocking(t, t->s, true));
    end_reception(t, row->inbound);
    o = row->send(t);
    spi_expect_one_of(t, __FILE__, __LINE__, "a send", o, accepted, count);
    if (!o.failed)
        expect_peer_receives_reply(t);
}

/* RD-22: the call ends reception only: each kind of send succeeds and the peer receives
 * what was sent. The limit leaves room for a peer, and then a completion, that is
 * waited for in vain. */
SPI_TABLE(works,
          struct send_row,
          connected_rows,
          .id = "recv_disconnect.send.works",
          .checks = "RD-22",
          .limit_ms = 20000,
          .arrange = connected_pair)
{
    expect_sends(t, row);
}

/* RD-22: so it is when the peer has ended its side first, as in the documented exchange
 * of disconnect data. */
SPI_TABLE(works_after_peer_ended,
          struct send_row,
          peer_ended_rows,
          .id = "recv_disconnect.send.works_after_peer_ended",
          .checks = "RD-22",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    expect_sends(t, row);
}

/* RD-22: an accepted socket can still answer, too. */
SPI_CASE(works_on_accepted,
         .id = "recv_disconnect.send.works_on_accepted",
         .checks = "RD-22",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = accepted_pair)
{
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(send_plain(t));
    expect_peer_receives_reply(t);
}

/* RD-22: a datagram socket without a default destination still sends. */
SPI_CASE(works_unconnected,
         .id = "recv_disconnect.send.works_unconnected",
         .checks = "RD-22 RD-11",
         .applies = {.orientation = CONNECTIONLESS},
         .arrange = bound_socket)
{
    t->peer = datagram_peer(t);
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(send_to(t));
    expect_peer_receives_reply(t);
}

/* RD-22: megabytes still pass: the connection below works in both directions. */
SPI_CASE(bulk,
         .id = "recv_disconnect.send.bulk",
         .checks = "RD-22",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    enum { CHUNK = 16384, CHUNKS = 64 };
    static char sent[CHUNK], received[CHUNK];
    int error, total = 0;

    memset(sent, 'w', sizeof sent);
    SETUP(recv_disconnect(t, NULL));
    for (int i = 0; i < CHUNKS && spi_clean(t); i++) {
        struct outcome o = spi_send(t, t->s, sent, sizeof sent, 0);
        int count = 1;

        EXPECT_SUCCEEDS(o);
        for (int left = (int)o.bytes; !o.failed && left > 0 && count > 0;
             left -= count) {
            count = peer_receives(t, t->peer, received, sizeof received, &error);
            total += count > 0 ? count : 0;
        }
    }
    EXPECT_THAT(total == CHUNK * CHUNKS,
                ("the peer to receive all %d bytes", CHUNK * CHUNKS),
                ("%d bytes", total));
}

/* --- Ending the other direction --------------------------------------------------- */

static struct outcome disconnect_sending(struct spi_test *t)
{
    return spi_send_disconnect(t, t->s, NULL);
}

static struct outcome shut_down_sending(struct spi_test *t)
{
    return spi_shutdown(t, t->s, SD_SEND);
}

static struct outcome shut_down_both(struct spi_test *t)
{
    return spi_shutdown(t, t->s, SD_BOTH);
}

static const struct send_row end_rows[] = {
    {"send_disconnect", disconnect_sending, IDLE, false},
    {"send_disconnect.peer_ended", disconnect_sending, PEER_ENDED, false},
    {"shutdown_send", shut_down_sending, IDLE, false},
    {"shutdown_send.peer_ended", shut_down_sending, PEER_ENDED, false},
    {"shutdown_both", shut_down_both, IDLE, false},
};

/* RD-22: the sending side can still be ended, and the peer sees the end behind all that
 * was sent. */
SPI_TABLE(can_be_ended,
          struct send_row,
          end_rows,
          .id = "recv_disconnect.send.can_be_ended",
          .checks = "RD-22",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    char rest[1];
    int error = 0;
    int count;

    end_reception(t, row->inbound);
    EXPECT_SUCCEEDS(send_plain(t));
    EXPECT_SUCCEEDS(row->send(t));
    expect_peer_receives_reply(t);
    count = peer_receives(t, t->peer, rest, sizeof rest, &error);
    EXPECT_THAT(count == 0,
                ("the peer then to see the graceful end, 0 bytes"),
                ("%d bytes, %s", count, count < 0 ? error_text(error) : "no error"));
}

/* RD-22: WSPShutdown of the sending side works on a datagram socket as well. */
SPI_CASE(datagram_shutdown,
         .id = "recv_disconnect.send.datagram_shutdown",
         .checks = "RD-22",
         .applies = {.orientation = CONNECTIONLESS},
         .arrange = connected_pair)
{
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(send_plain(t));
    EXPECT_SUCCEEDS(spi_shutdown(t, t->s, SD_SEND));
    EXPECT_FAILS(send_plain(t), WSAESHUTDOWN);
    expect_peer_receives_reply(t);
}

SPI_SUITE(recv_disconnect_send,
          &works,
          &works_after_peer_ended,
          &works_on_accepted,
          &works_unconnected,
          &bulk,
          &can_be_ended,
          &datagram_shutdown);
