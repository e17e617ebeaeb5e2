/* WSPRecvDisconnect: sockets that are not connected. */
#include "reception.h"

static void nonblocking_socket(struct spi_test *t)
{
    fresh_socket(t);
    SETUP(spi_set_nonblocking(t, t->s, true));
}

/* A nonblocking connect that has failed meanwhile; nobody has asked for its error. */
static void nonblocking_connect_refused(struct spi_test *t)
{
    struct sockaddr_storage address;
    WSAEVENT failed = new_event(t);
    struct outcome o;
    int length;

    bound_socket(t);
    worker_address(t, local_port(t, t->s), &address, &length);
    SETUP(spi_close(t, t->s));
    fresh_socket(t);
    SETUP(spi_event_select(t, t->s, failed, FD_CONNECT));
    o = spi_connect(t, t->s, (struct sockaddr *)&address, length);
    if (!o.failed)
        BLOCKED("something listens on a port that was just closed");
    if (o.error == WSAEWOULDBLOCK && !await(t, failed))
        BLOCKED("no FD_CONNECT after a connect to a closed port");
}

static const struct unconnected {
    const char *name;
    void (*arrange)(struct spi_test *t);
} unconnected[] = {
    {"fresh", fresh_socket},
    {"nonblocking", nonblocking_socket},
    {"bound", bound_socket},
    {"listening", listening_socket},
    {"connect_pending", connect_pending},
    {"connect_refused", connect_refused},
    {"nonblocking_connect_refused", nonblocking_connect_refused},
};

/* RD-10: no connection, and no error but that: not the one of the connect. */
SPI_TABLE(connection_needed,
          struct unconnected,
          unconnected,
          .id = "recv_disconnect.connection.needed",
          .checks = "RD-10 RD-4",
          .applies = {.orientation = CONNECTION_ORIENTED})
{
    row->arrange(t);
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENOTCONN);
}

/* RD-10: with a buffer that the protocol can fill the missing connection remains the
 * only cause; otherwise the buffer is one too. */
SPI_TABLE(connection_needed_with_buffer,
          struct unconnected,
          unconnected,
          .id = "recv_disconnect.connection.needed_with_buffer",
          .checks = "RD-10 RD-4",
          .applies = {.orientation = CONNECTION_ORIENTED})
{
    WSABUF data = guarded_buffer(t, 64);

    row->arrange(t);
    if (t->entry->dwServiceFlags1 & XP1_DISCONNECT_DATA)
        EXPECT_FAILS(recv_disconnect(t, &data), WSAENOTCONN);
    else
        EXPECT_ONE_OF(recv_disconnect(t, &data),
                      {WSAENOTCONN, "the missing connection is reported"},
                      {WSAENOPROTOOPT, "the buffer is refused"});
}

/* A datagram socket that was connected and has lost its peer by a null address. */
static void disconnected_socket(struct spi_test *t)
{
    struct sockaddr_storage nowhere = {0};
    int length;

    connected_pair(t);
    peer_address(t->peer, &length);
    nowhere.ss_family = (short)t->entry->iAddressFamily;
    SETUP(spi_connect(t, t->s, (struct sockaddr *)&nowhere, length));
}

static const struct unconnected connectionless[] = {
    {"unbound", fresh_socket},
    {"bound", bound_socket},
    {"connected", connected_pair},
    {"disconnected", disconnected_socket},
};

/* RD-11: WSAENOTCONN is for connection-oriented sockets; whether the function succeeds
 * on others is open. */
SPI_TABLE(connection_not_needed,
          struct unconnected,
          connectionless,
          .id = "recv_disconnect.connection.not_needed",
          .checks = "RD-11 RD-4",
          .applies = {.orientation = CONNECTIONLESS})
{
    row->arrange(t);
    EXPECT_ONE_OF(recv_disconnect(t, NULL),
                  {0, "reception ends"},
                  {WSAENOPROTOOPT, "not for connectionless protocols"});
}

SPI_TABLE(connection_not_needed_with_buffer,
          struct unconnected,
          connectionless,
          .id = "recv_disconnect.connection.not_needed_with_buffer",
          .checks = "RD-11 RD-4",
          .applies = {.orientation = CONNECTIONLESS})
{
    WSABUF data = guarded_buffer(t, 64);

    row->arrange(t);
    EXPECT_ONE_OF(recv_disconnect(t, &data),
                  {0, "reception ends"},
                  {WSAENOPROTOOPT, "the buffer is refused"});
}

SPI_SUITE(recv_disconnect_connection,
          &connection_needed,
          &connection_needed_with_buffer,
          &connection_not_needed,
          &connection_not_needed_with_buffer);
