/* WSPRecvDisconnect: what a TCP connection shows on the network. */
#include "operation.h"
#include "wire_case.h"

/* What is sent at a time, on both connections; the next follows when both have come to
 * rest. So acknowledgements come at the same places each time, from which Linux reckons
 * the window; most of them it puts off for 40 ms. */
#define CHUNK 8192

/* More than the system keeps for a connection on which nobody reads, in bytes. */
#define MOST (1u << 20)

/* Limit for a case that waits for some fifteen acknowledgements, each put off. */
#define SLOW_MS 30000

static const char news[CHUNK] = "late news";

struct stream_row {
    const char *name;
    size_t queued; /* bytes that wait to be received at the call */
    bool full;     /* as many as the window takes */
};

static const struct stream_row window_rows[] = {
    {"nothing_queued", 0},
    {"kilobyte_queued", 1024},
    {"window_full", 0, true},
};

static const struct stream_row ended_rows[] = {
    {"nothing_queued", 0},
    {"kilobyte_queued", 1024},
};

static void name_both(struct spi_test *t)
{
    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    wire_names(t, WIRE_CONTROL, t->other, t->other_peer);
}

/* Gives the error that the peer has met, or 0. */
static int try_to_send(struct peer *peer, size_t size)
{
    int error = 0;

    return peer_tries_to_send(peer, news, size, &error) < 0 ? error : 0;
}

struct course {
    size_t sent[2]; /* bytes, by role */
    int error;      /* that the subject's peer has met; 0: none */
};

static bool takes_more(struct spi_test *t, enum wire_role role)
{
    return wire_rest_of(t, role) == WIRE_ACKNOWLEDGED;
}

static void
send_chunk(struct spi_test *t, struct course *course, enum wire_role role, size_t size)
{
    int error = try_to_send(role == WIRE_SUBJECT ? t->peer : t->other_peer, size);

    course->sent[role] += size;
    if (role == WIRE_SUBJECT)
        course->error = error;
    else if (error)
        BLOCKED("the control connection takes no data: %s", error_text(error));
}

/* A window that takes twice as much as the one on whose connection nobody reads does
 * not close any more. */
static bool is_endless(struct spi_test *t, const struct course *course)
{
    if (takes_more(t, WIRE_CONTROL) && course->sent[WIRE_CONTROL] < MOST)
        return false;
    return course->sent[WIRE_SUBJECT] >= 2 * course->sent[WIRE_CONTROL];
}

/* Both peers send until neither window takes more. */
static void both_fill(struct spi_test *t, struct course *course)
{
    bool first = true;

    do {
        for (int role = WIRE_SUBJECT; role <= WIRE_CONTROL; ++role)
            if (first || takes_more(t, role))
                send_chunk(t, course, role, CHUNK);
        first = false;
        wire_await_rest(t);
        if (wire_rest_of(t, WIRE_SUBJECT) == WIRE_GONE)
            course->error = WSAECONNRESET;
    } while (!course->error && !is_endless(t, course) &&
             (takes_more(t, WIRE_SUBJECT) || takes_more(t, WIRE_CONTROL)));
    wire_await_shut(t);
}

/* Before the call: what waits on both. */
static struct course both_prepare(struct spi_test *t, const struct stream_row *row)
{
    struct course course = {{0}, 0};

    if (row->full)
        both_fill(t, &course);
    for (int role = WIRE_SUBJECT; role <= WIRE_CONTROL && row->queued; ++role)
        send_chunk(t, &course, role, row->queued);
    if (course.error)
        BLOCKED("the peer cannot send: %s", error_text(course.error));
    wire_await_rest(t);
    return course;
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
          .limit_ms = SLOW_MS,
          .wire = "no_packet no_window_update no_reset window_as_control window_closes")
{
    struct accepted accepted[3] = {{0, "no error", NULL}};
    size_t count = tolerate_reset(t, accepted, 1);
    struct course course;

    name_both(t);
    course = both_prepare(t, row);
    SETUP(wire_recv_disconnect(t, NULL, course.sent[WIRE_SUBJECT]));
    wire_step(t, "both peers send until the window is full");
    both_fill(t, &course);
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "the peer's sends",
                      peer_outcome("send", course.error),
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
    struct accepted accepted[4] = {{WSAEWOULDBLOCK, "nothing", NULL}};
    size_t count = row->queued ? tolerate_reset(t, accepted, 1) : 1;

    /* Behind the peer's own end a reset may look like the provider's end. */
    if (row->queued)
        accepted[count++] =
            (struct accepted){0, "connection ended", accepted[1].tolerated};

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
