/* WSPRecvDisconnect: a buffer for disconnect data, where the protocol has none, and no
 * buffer at all. That nothing is written outside of the buffer is the harness's check,
 * in every case. */
#include "reception.h"

static void peer_closed(struct spi_test *t)
{
    connected_pair(t);
    peer_disconnects(t, NULL, 0);
    await_readable(t, t->s);
}

/* The client has seen the close by a receive, as the page wants it. */
static void close_seen(struct spi_test *t)
{
    peer_closed(t);
    see_end(t, t->s);
}

static void data_queued_then_closed(struct spi_test *t)
{
    data_queued(t);
    peer_disconnects(t, NULL, 0);
}

/* Both directions have ended: the peer's and our own. */
static void both_closed(struct spi_test *t)
{
    peer_closed(t);
    SETUP(spi_shutdown(t, t->s, SD_SEND));
}

static void peer_reset(struct spi_test *t)
{
    connected_pair(t);
    peer_resets(t, t->peer);
    await_readable(t, t->s);
}

/* The client has seen the reset by the failure of a receive. */
static void reset_seen(struct spi_test *t)
{
    char byte;

    peer_reset(t);
    spi_recv(t, t->s, &byte, sizeof byte, 0);
}

static void peer_died(struct spi_test *t)
{
    connected_to_process(t);
    peer_process_dies(t);
    await_readable(t, t->s);
}

struct situation {
    const char *name;
    void (*arrange)(struct spi_test *t);
};

static const struct situation connected[] = {
    {"connected", connected_pair},
    {"accepted", accepted_pair},
    {"nonblocking", nonblocking_pair},
    {"data_queued", data_queued},
    {"peer_closed", peer_closed},
    {"close_seen", close_seen},
    {"data_queued_then_closed", data_queued_then_closed},
    {"both_closed", both_closed},
};

static const struct situation reset[] = {
    {"peer_reset", peer_reset},
    {"reset_seen", reset_seen},
    {"peer_died", peer_died},
};

static const struct situation datagram[] = {
    {"bound", bound_socket},
    {"connected", connected_pair},
    {"nonblocking", nonblocking_pair},
    {"data_queued", data_queued},
};

/* RD-24: what the length may be when the call succeeded and there were no data. */
static void expect_length(struct spi_test *t, const WSABUF *data, size_t capacity)
{
    EXPECT_THAT(data->len == 0 || data->len == capacity,
                ("len is 0, the number of bytes, or %u, unchanged", (unsigned)capacity),
                ("len is %lu", data->len));
    OBSERVED("RD-24",
             "len is %s",
             data->len == capacity ? "left unchanged" : "set to the number of bytes");
}

static void refuse_buffer(struct spi_test *t, size_t size)
{
    WSABUF data = guarded_buffer(t, size);
    struct outcome o = recv_disconnect(t, &data);

    EXPECT_ONE_OF(o,
                  {WSAENOPROTOOPT, "the buffer is refused"},
                  {0, "reception ends, no data", TAKEN_BY_API_PAGE});
    if (!o.failed)
        expect_length(t, &data, size);
}

/* RD-7: a protocol without disconnect data refuses a buffer for them, however far the
 * connection has got. */
SPI_TABLE(buffer_refused,
          struct situation,
          connected,
          .id = "recv_disconnect.buffer.refused",
          .checks = "RD-7",
          .applies = {.has_not = XP1_DISCONNECT_DATA,
                      .orientation = CONNECTION_ORIENTED})
{
    row->arrange(t);
    refuse_buffer(t, 64);
}

/* RD-7: so does a connectionless one. */
SPI_TABLE(buffer_refused_on_datagrams,
          struct situation,
          datagram,
          .id = "recv_disconnect.buffer.refused_on_datagrams",
          .checks = "RD-7",
          .applies = {.has_not = XP1_DISCONNECT_DATA, .orientation = CONNECTIONLESS})
{
    row->arrange(t);
    refuse_buffer(t, 64);
}

/* RD-7, RD-27: once the connection is broken, that may be reported instead. */
SPI_TABLE(buffer_refused_after_reset,
          struct situation,
          reset,
          .id = "recv_disconnect.buffer.refused_after_reset",
          .checks = "RD-7 RD-27",
          .applies = {.has_not = XP1_DISCONNECT_DATA,
                      .orientation = CONNECTION_ORIENTED})
{
    WSABUF data = guarded_buffer(t, 64);

    row->arrange(t);
    EXPECT_ONE_OF(recv_disconnect(t, &data),
                  {WSAENOPROTOOPT, "the buffer is refused"},
                  {WSAENOTCONN, "no longer connected"},
                  {0, "reception ends, no data", TAKEN_BY_API_PAGE});
}

static const struct size {
    const char *name;
    size_t size;
} sizes[] = {
    {"1", 1},
    {"16", 16},
    {"4096", 4096},
};

/* RD-7: its size does not matter. */
SPI_TABLE(buffer_refused_whatever_size,
          struct size,
          sizes,
          .id = "recv_disconnect.buffer.refused_whatever_size",
          .checks = "RD-7",
          .applies = {.has_not = XP1_DISCONNECT_DATA},
          .arrange = connected_pair)
{
    refuse_buffer(t, row->size);
}

static const struct empty {
    const char *name;
    bool null;
} empty_buffers[] = {
    {"pointer", .null = false},
    {"null_pointer", .null = true},
};

/* RD-7: whether an empty buffer asks for data is open. */
SPI_TABLE(buffer_empty,
          struct empty,
          empty_buffers,
          .id = "recv_disconnect.buffer.empty",
          .checks = "RD-7",
          .applies = {.has_not = XP1_DISCONNECT_DATA},
          .arrange = connected_pair)
{
    WSABUF data = guarded_buffer(t, 0);

    if (row->null)
        data.buf = NULL;
    EXPECT_ONE_OF(recv_disconnect(t, &data),
                  {WSAENOPROTOOPT, "an empty buffer is refused too"},
                  {0, "an empty buffer asks for nothing"});
}

/* RD-24: a provider without disconnect data that takes a buffer leaves the length alone
 * or sets it to the number of bytes, 0. */
SPI_CASE(buffer_length_on_return,
         .id = "recv_disconnect.buffer.length_on_return",
         .checks = "RD-24",
         .applies = {.has_not = XP1_DISCONNECT_DATA},
         .arrange = connected_pair)
{
    WSABUF data = guarded_buffer(t, 64);

    if (recv_disconnect(t, &data).failed)
        BLOCKED("the provider refuses the buffer: no success whose length to look at");
    expect_length(t, &data, 64);
}

/* RD-28: no buffer, no objection: reception ends on every connected socket. */
SPI_TABLE(buffer_not_wanted,
          struct situation,
          connected,
          .id = "recv_disconnect.buffer.not_wanted",
          .checks = "RD-28",
          .applies = {.orientation = CONNECTION_ORIENTED})
{
    row->arrange(t);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

/* RD-28: a connectionless protocol may refuse the function as such. */
SPI_TABLE(buffer_not_wanted_on_datagrams,
          struct situation,
          datagram,
          .id = "recv_disconnect.buffer.not_wanted_on_datagrams",
          .checks = "RD-28",
          .applies = {.orientation = CONNECTIONLESS})
{
    row->arrange(t);
    EXPECT_ONE_OF(recv_disconnect(t, NULL),
                  {0, "reception ends"},
                  {WSAENOPROTOOPT, "not for connectionless protocols"});
}

SPI_SUITE(recv_disconnect_buffer,
          &buffer_refused,
          &buffer_refused_on_datagrams,
          &buffer_refused_after_reset,
          &buffer_refused_whatever_size,
          &buffer_empty,
          &buffer_length_on_return,
          &buffer_not_wanted,
          &buffer_not_wanted_on_datagrams);
