/* WSPRecvDisconnect: what a TCP connection shows on the network. */
#include "operation.h"
#include "wire_case.h"

/* What is sent at a time, on both connections in turn; after so many of them both come
 * to rest, so that the course of the window is the same each time. One by one they
 * would each wait for an acknowledgement that Linux puts off (40 ms). */
#define CHUNK 4096
#define CHUNKS 4

/* Bytes after which a window is taken to stay open for ever: many times what the system
 * keeps for a connection on which nobody reads. */
#define WITHOUT_END (1u << 20)

static const char news[CHUNK] = "late news";

struct stream_row {
    const char *name;
    size_t queued; /* bytes that wait to be received at the call */
    bool full;     /* as many as the window takes */
};

static const struct stream_row window_rows[] = {
    {"nothing_queued", 0},
    {"one_byte_queued", 1},
    {"kilobyte_queued", 1024},
    {"window_full", 0, true},
};

static const struct stream_row ended_rows[] = {
    {"nothing_queued", 0},
    {"kilobyte_queued", 1024},
};

/* Each chunk is to be a segment of its own. */
static void send_undelayed(struct peer *peer)
{
    static const BOOL on = TRUE;

    setsockopt(
        peer_socket(peer), IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
}

static void name_both(struct spi_test *t)
{
    send_undelayed(t->peer);
    send_undelayed(t->other_peer);
    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    wire_names(t, WIRE_CONTROL, t->other, t->other_peer);
}

/* Both peers send the same. Gives the error that the subject's has met, or 0. */
static int both_send(struct spi_test *t, size_t size, const bool stalled[2])
{
    int error = 0, control = 0;

    if (!stalled[WIRE_SUBJECT] && peer_tries_to_send(t->peer, news, size, &error) >= 0)
        error = 0;
    if (!stalled[WIRE_CONTROL] &&
        peer_tries_to_send(t->other_peer, news, size, &control) < 0)
        BLOCKED("the control connection takes no data: %s", error_text(control));
    return error;
}

struct course {
    size_t sent; /* to the subject, in bytes */
    int error;   /* that its peer has met; 0: none */
};

/* Both peers send until neither window takes more, or the subject's never ends. */
static struct course both_fill(struct spi_test *t)
{
    struct course course = {0};
    bool stalled[2] = {false, false};

    while (!(stalled[WIRE_SUBJECT] && stalled[WIRE_CONTROL]) && !course.error &&
           course.sent < WITHOUT_END) {
        for (int i = 0; i < CHUNKS && !course.error; ++i, course.sent += CHUNK)
            course.error = both_send(t, CHUNK, stalled);
        wire_await_rest(t);
        stalled[WIRE_SUBJECT] = wire_rest_of(t, WIRE_SUBJECT) == WIRE_STALLED;
        stalled[WIRE_CONTROL] = wire_rest_of(t, WIRE_CONTROL) == WIRE_STALLED;
    }
    return course;
}

/* Before the call; gives how many bytes wait on the subject. */
static size_t both_prepare(struct spi_test *t, const struct stream_row *row)
{
    static const bool stalled[2] = {false, false};
    size_t queued = row->queued;

    if (row->full)
        queued = both_fill(t).sent;
    else if (row->queued && both_send(t, row->queued, stalled))
        BLOCKED("the peer cannot send");
    wire_await_rest(t);
    return queued;
}

/* RD-15: no packet because of the call, then the same course of the window as on a
 * connection on which nobody reads, until it is full. */
SPI_TABLE(window,
          struct stream_row,
          window_rows,
          .id = "recv_disconnect.wire.window",
          .checks = "RD-15",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = two_connected_pairs,
          .wire = "no_packet no_window_update no_reset window_as_control window_closes")
{
    struct accepted accepted[3] = {{0, "no error", NULL}};
    size_t count = tolerate_reset(t, accepted, 1), queued;

    name_both(t);
    queued = both_prepare(t, row);
    SETUP(wire_recv_disconnect(t, NULL, queued));
    wire_step(t, "both peers send until the window is full");
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "the peer's sends",
                      peer_outcome("send", both_fill(t).error),
                      accepted,
                      count);
}

/* RD-15: nor does the call cause one behind the peer's graceful end. */
SPI_TABLE(peer_ended,
          struct stream_row,
          ended_rows,
          .id = "recv_disconnect.wire.peer_ended",
          .checks = "RD-15",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = connected_pair,
          .wire = "no_packet no_window_update no_reset")
{
    struct accepted accepted[3] = {{WSAEWOULDBLOCK, "nothing", NULL}};
    size_t count = row->queued ? tolerate_reset(t, accepted, 1) : 1;

    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    if (row->queued)
        peer_sends(t, t->peer, news, row->queued);
    peer_disconnects(t, NULL, 0);
    wire_await_rest(t);
    SETUP(wire_recv_disconnect(t, NULL, row->queued));
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "what the peer's receive meets",
                      peer_outcome("recv", peer_meets(t->peer)),
                      accepted,
                      count);
}

SPI_SUITE(recv_disconnect_wire_stream, &window, &peer_ended);
