/* WSPRecvDisconnect: a network subsystem that has failed, by the fault extension. */
#include "reception.h"

static void close_arrived(struct spi_test *t)
{
    data_queued(t);
    peer_disconnects(t, NULL, 0);
}

/* Each expects of t->s what it would do if the failed call had not been. */

static void expect_new_data(struct spi_test *t)
{
    expect_reception(t, t->s, t->peer);
}

static void expect_queued_and_new_data(struct spi_test *t)
{
    expect_queued_data(t);
    expect_reception(t, t->s, t->peer);
}

static void expect_data_and_end(struct spi_test *t)
{
    expect_queued_data(t);
    expect_end(t, t->s);
}

static void expect_datagram(struct spi_test *t)
{
    static const char datagram[] = "from anybody";

    peer_sends_to(t, datagram_peer(t), t->s, datagram, sizeof datagram);
    expect_received(t, t->s, datagram, sizeof datagram);
}

struct situation {
    const char *name;
    void (*arrange)(struct spi_test *t);
    void (*expect_unchanged)(struct spi_test *t);
};

static const struct situation connected[] = {
    {"connected", connected_pair, expect_new_data},
    {"accepted", accepted_pair, expect_new_data},
    {"nonblocking", nonblocking_pair, expect_new_data},
    {"data_queued", data_queued, expect_queued_and_new_data},
    {"close_arrived", close_arrived, expect_data_and_end},
};

/* RD-5, RD-21: WSAENETDOWN while the network is down; then reception goes on where it
 * was and the same call works. */
SPI_TABLE(netdown_connected,
          struct situation,
          connected,
          .id = "recv_disconnect.netdown.reported",
          .checks = "RD-5 RD-21",
          .applies = {.orientation = CONNECTION_ORIENTED})
{
    row->arrange(t);
    network_fails(t);
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENETDOWN);
    network_recovers(t);
    row->expect_unchanged(t);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

static const struct situation datagram[] = {
    {"bound", bound_socket, expect_datagram},
    {"connected", connected_pair, expect_new_data},
    {"data_queued", data_queued, expect_queued_and_new_data},
};

/* RD-5, RD-21: datagrams are no different. */
SPI_TABLE(netdown_datagram,
          struct situation,
          datagram,
          .id = "recv_disconnect.netdown.reported_on_datagrams",
          .checks = "RD-5 RD-21",
          .applies = {.orientation = CONNECTIONLESS})
{
    row->arrange(t);
    network_fails(t);
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENETDOWN);
    network_recovers(t);
    row->expect_unchanged(t);
    EXPECT_ONE_OF(recv_disconnect(t, NULL),
                  {0, "reception ends"},
                  {WSAENOPROTOOPT, "not for connectionless protocols"});
}

/* RD-5, RD-4, RD-21: with a buffer the protocol's lack of disconnect data may be seen
 * first; nothing else may. */
SPI_CASE(netdown_with_buffer,
         .id = "recv_disconnect.netdown.with_buffer",
         .checks = "RD-5 RD-4 RD-21",
         .applies = {.has_not = XP1_DISCONNECT_DATA},
         .arrange = connected_pair)
{
    WSABUF data = guarded_buffer(t, 64);

    network_fails(t);
    EXPECT_ONE_OF(recv_disconnect(t, &data),
                  {WSAENETDOWN, "the network is down"},
                  {WSAENOPROTOOPT, "the buffer is refused"});
    network_recovers(t);
    expect_new_data(t);
}

/* RD-5, RD-4: an unconnected socket fails for one of two reasons. */
SPI_CASE(netdown_unconnected,
         .id = "recv_disconnect.netdown.unconnected",
         .checks = "RD-5 RD-4",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = fresh_socket)
{
    network_fails(t);
    EXPECT_ONE_OF(recv_disconnect(t, NULL),
                  {WSAENETDOWN, "the network is down"},
                  {WSAENOTCONN, "not connected"});
    network_recovers(t);
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENOTCONN);
}

/* RD-5, RD-4: and so does what is no socket. */
SPI_CASE(netdown_no_socket,
         .id = "recv_disconnect.netdown.no_socket",
         .checks = "RD-5 RD-4",
         .arrange = fresh_socket)
{
    SETUP(spi_close(t, t->s));
    network_fails(t);
    EXPECT_ONE_OF(recv_disconnect(t, NULL),
                  {WSAENETDOWN, "the network is down"},
                  {WSAENOTSOCK, "not a socket"});
    network_recovers(t);
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENOTSOCK);
}

SPI_SUITE(recv_disconnect_netdown,
          &netdown_connected,
          &netdown_datagram,
          &netdown_with_buffer,
          &netdown_unconnected,
          &netdown_no_socket);
