/* WSPRecvDisconnect: situations that suggest an error code of another function. */
#include "reception.h"

static void receive_pending(struct spi_test *t)
{
    WSABUF data = guarded_buffer(t, 16);
    struct outcome o;

    connected_pair(t);
    o = spi_recv_buffers(t, t->s, &data, 1, 0, new_overlapped(t, true), NULL);
    if (!o.failed || o.error != WSA_IO_PENDING)
        BLOCKED("an overlapped receive without data is not pending: %s",
                o.failed ? error_text(o.error) : "success");
}

static void event_selected(struct spi_test *t)
{
    connected_pair(t);
    SETUP(spi_event_select(t, t->s, new_event(t), FD_READ | FD_CLOSE));
}

static void message_selected(struct spi_test *t)
{
    connected_pair(t);
    SETUP(spi_async_select(t, t->s, new_window(t), WM_APP, FD_READ | FD_CLOSE));
}

/* The last WSPSend did not fit: WSAEWOULDBLOCK. */
static void send_would_block(struct spi_test *t)
{
    static const char bulk[65536];
    struct outcome o;
    int sends = 0;

    connected_pair(t);
    SETUP(spi_set_nonblocking(t, t->s, true));
    do
        o = spi_send(t, t->s, bulk, sizeof bulk, 0);
    while (!o.failed && ++sends < 1024);
    if (!o.failed || o.error != WSAEWOULDBLOCK)
        BLOCKED("nobody reads, yet WSPSend does not give WSAEWOULDBLOCK but %s",
                o.failed ? error_text(o.error) : "success");
}

struct situation {
    const char *name;
    void (*arrange)(struct spi_test *t);
};

static const struct situation connected[] = {
    {"receive_pending", receive_pending},
    {"event_selected", event_selected},
    {"message_selected", message_selected},
    {"send_would_block", send_would_block},
};

/* RD-4, RD-28: none of the six errors fits, so the call succeeds; WSA_IO_PENDING and
 * WSAEWOULDBLOCK belong to other calls. */
SPI_TABLE(codes_not_of_other_calls,
          struct situation,
          connected,
          .id = "recv_disconnect.codes.not_of_other_calls",
          .checks = "RD-4 RD-28",
          .applies = {.orientation = CONNECTION_ORIENTED})
{
    row->arrange(t);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

/* RD-4: urgent data are data: none of the six errors fits. */
SPI_CASE(codes_urgent_data,
         .id = "recv_disconnect.codes.urgent_data",
         .checks = "RD-4 RD-28",
         .applies = {.has = XP1_EXPEDITED_DATA, .orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    WSAEVENT urgent = new_event(t);

    SETUP(spi_event_select(t, t->s, urgent, FD_OOB));
    if (send(peer_socket(t->peer), "!", 1, MSG_OOB) != 1 || !await(t, urgent))
        BLOCKED("urgent data did not arrive");
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

/* What was sent has been answered by "port unreachable": the next receive of an
 * ordinary kind fails with WSAECONNRESET. */
static void port_unreachable(struct spi_test *t)
{
    connected_pair(t);
    peer_closes(t, t->peer);
    SETUP(spi_send(t, t->s, "?", 1, 0));
}

/* A receive into a short buffer would fail with WSAEMSGSIZE. */
static void long_datagram(struct spi_test *t)
{
    static const char datagram[256];

    connected_pair(t);
    peer_sends(t, t->peer, datagram, sizeof datagram);
    await_readable(t, t->s);
}

static const struct situation datagrams[] = {
    {"receive_pending", receive_pending},
    {"event_selected", event_selected},
    {"message_selected", message_selected},
    {"port_unreachable", port_unreachable},
    {"long_datagram", long_datagram},
};

/* RD-4: WSAECONNRESET and WSAEMSGSIZE belong to receives. */
SPI_TABLE(codes_not_of_datagrams,
          struct situation,
          datagrams,
          .id = "recv_disconnect.codes.not_of_datagrams",
          .checks = "RD-4 RD-11",
          .applies = {.has_not = XP1_DISCONNECT_DATA, .orientation = CONNECTIONLESS})
{
    row->arrange(t);
    EXPECT_ONE_OF(recv_disconnect(t, NULL),
                  {0, "reception ends"},
                  {WSAENOPROTOOPT, "not for connectionless protocols"});
}

/* RD-4: nor are they right for a buffer that is shorter than the datagram. */
SPI_TABLE(codes_not_of_datagrams_with_buffer,
          struct situation,
          datagrams,
          .id = "recv_disconnect.codes.not_of_datagrams_with_buffer",
          .checks = "RD-4 RD-7",
          .applies = {.has_not = XP1_DISCONNECT_DATA, .orientation = CONNECTIONLESS})
{
    WSABUF data = guarded_buffer(t, 16);

    row->arrange(t);
    EXPECT_ONE_OF(recv_disconnect(t, &data),
                  {WSAENOPROTOOPT, "the buffer is refused"},
                  {0, "reception ends, no data", TAKEN_BY_API_PAGE});
}

SPI_SUITE(recv_disconnect_codes,
          &codes_not_of_other_calls,
          &codes_urgent_data,
          &codes_not_of_datagrams,
          &codes_not_of_datagrams_with_buffer);
