/* WSPRecvDisconnect: a failed call changes nothing. What the causes are is told in
 * other files; here is what must still work. */
#include "operation.h"
#include "reception.h"

static const char message[] = "sent afterwards";

/* A call that fails for its buffer. Where the provider takes the buffer instead, as the
 * API page allows, there is no failed call. */
static void fail_for_buffer(struct spi_test *t)
{
    WSABUF data = guarded_buffer(t, 64);

    if (!recv_disconnect(t, &data).failed)
        BLOCKED("the provider takes the buffer: no failed call to look behind");
}

static void keeps_receiving(struct spi_test *t)
{
    fail_for_buffer(t);
    expect_reception(t, t->s, t->peer);
    expect_reception(t, t->s, t->peer);
}

static void keeps_queued_data(struct spi_test *t)
{
    queue_data(t);
    fail_for_buffer(t);
    expect_queued_data(t);
    expect_reception(t, t->s, t->peer);
}

static void keeps_nonblocking(struct spi_test *t)
{
    char byte;

    SETUP(spi_set_nonblocking(t, t->s, true));
    fail_for_buffer(t);
    EXPECT_FAILS(spi_recv(t, t->s, &byte, sizeof byte, 0), WSAEWOULDBLOCK);
    expect_reception(t, t->s, t->peer);
}

static void keeps_event_selection(struct spi_test *t)
{
    WSAEVENT event = new_event(t);

    SETUP(spi_event_select(t, t->s, event, FD_READ));
    fail_for_buffer(t);
    peer_sends(t, t->peer, message, sizeof message);
    EXPECT_THAT(await(t, event), ("FD_READ signalled"), ("no event for arrived data"));
    expect_received(t, t->s, message, sizeof message);
}

static void keeps_pending_receive(struct spi_test *t)
{
    WSABUF data = guarded_buffer(t, sizeof message);
    WSAOVERLAPPED *overlapped = new_overlapped(t, true);
    struct outcome o = spi_recv_buffers(t, t->s, &data, 1, 0, overlapped, NULL);

    if (!o.failed || o.error != WSA_IO_PENDING)
        BLOCKED("an overlapped receive without data is not pending");
    fail_for_buffer(t);
    peer_sends(t, t->peer, message, sizeof message);
    EXPECT_THAT(await(t, overlapped->hEvent),
                ("the pending receive completes"),
                ("no completion for arrived data"));
    EXPECT_SUCCEEDS(spi_get_overlapped_result(t, t->s, overlapped, FALSE));
    EXPECT_BYTES(data.buf, message, sizeof message);
}

static void keeps_sending(struct spi_test *t)
{
    char received[sizeof message] = {0};
    int count, error = 0;

    fail_for_buffer(t);
    EXPECT_SUCCEEDS(spi_send(t, t->s, message, sizeof message, 0));
    count = peer_receives(t, t->peer, received, sizeof received, &error);
    EXPECT_THAT(count == (int)sizeof message,
                ("the peer receives %u bytes", (unsigned)sizeof message),
                ("%d received, %s", count, error_text(error)));
}

struct behaviour {
    const char *name;
    void (*expect)(struct spi_test *t);
};

static const struct behaviour behaviours[] = {
    {"receiving", keeps_receiving},
    {"queued_data", keeps_queued_data},
    {"nonblocking", keeps_nonblocking},
    {"event_selection", keeps_event_selection},
    {"pending_receive", keeps_pending_receive},
    {"sending", keeps_sending},
};

/* RD-21: a connected socket goes on as if the call had not been made. */
SPI_TABLE(atomicity_keeps,
          struct behaviour,
          behaviours,
          .id = "recv_disconnect.atomicity.keeps",
          .checks = "RD-21",
          .applies = {.has_not = XP1_DISCONNECT_DATA},
          .arrange = connected_pair)
{
    row->expect(t);
}

/* RD-21: the rest of a stream that the peer has ended can be read to its end. */
SPI_CASE(atomicity_keeps_end_of_stream,
         .id = "recv_disconnect.atomicity.keeps_end_of_stream",
         .checks = "RD-21",
         .applies = {.has_not = XP1_DISCONNECT_DATA,
                     .orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    char byte;
    struct outcome o;

    queue_data(t);
    peer_disconnects(t, NULL, 0);
    fail_for_buffer(t);
    expect_queued_data(t);
    o = spi_recv(t, t->s, &byte, sizeof byte, 0);
    EXPECT_SUCCEEDS(o);
    EXPECT_THAT(o.bytes == 0, ("end of the stream"), ("%lu bytes received", o.bytes));
}

struct caller {
    SOCKET s;
    struct sockaddr_storage to;
    int length;
};

static struct outcome call_listener(struct spi_test *t, void *context)
{
    struct caller *caller = context;

    return spi_connect(t, caller->s, (struct sockaddr *)&caller->to, caller->length);
}

/* Connects `client` to the listening t->listener and expects that data pass. The call
 * may be answered only when it is accepted, so it is made on another thread. */
static void expect_connection(struct spi_test *t, SOCKET client)
{
    static struct operation calling;
    static struct caller caller;
    struct outcome accepted;

    caller = (struct caller){.s = client};
    worker_address(t, local_port(t, t->listener), &caller.to, &caller.length);
    operation_start(t, &calling, call_listener, &caller);
    if (!expect_readable(t, t->listener, 5))
        return;
    accepted = spi_accept(t, t->listener, NULL, NULL, NULL, NULL);
    EXPECT_SUCCEEDS(accepted);
    EXPECT_THAT(operation_ends(&calling, AT_ONCE_MS),
                ("WSPConnect returns when it is accepted"),
                ("it has not returned after %d ms", AT_ONCE_MS));
    if (accepted.failed || !spi_clean(t))
        return;
    EXPECT_SUCCEEDS(calling.outcome);
    if (!spi_clean(t))
        return;
    EXPECT_SUCCEEDS(spi_send(t, accepted.socket, message, sizeof message, 0));
    expect_received(t, client, message, sizeof message);
}

static const struct unconnected {
    const char *name;
    bool bound;
} unconnected[] = {
    {"fresh", .bound = false},
    {"bound", .bound = true},
};

/* RD-21: a socket that was not connected yet can be connected, and then receives. */
SPI_TABLE(atomicity_connects_later,
          struct unconnected,
          unconnected,
          .id = "recv_disconnect.atomicity.connects_later",
          .checks = "RD-21 RD-10",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = listening_socket)
{
    SOCKET s = SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;
    struct sockaddr_storage address;
    int length;

    worker_address(t, 0, &address, &length);
    if (row->bound)
        SETUP(spi_bind(t, s, (struct sockaddr *)&address, length));
    EXPECT_FAILS(spi_recv_disconnect(t, s, NULL), WSAENOTCONN);
    expect_connection(t, s);
}

/* RD-21: a listening socket goes on listening, and what it accepts receives. */
SPI_CASE(atomicity_listens_on,
         .id = "recv_disconnect.atomicity.listens_on",
         .checks = "RD-21 RD-10",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = listening_socket)
{
    SOCKET client = SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;

    EXPECT_FAILS(spi_recv_disconnect(t, t->listener, NULL), WSAENOTCONN);
    expect_connection(t, client);
}

SPI_SUITE(recv_disconnect_atomicity,
          &atomicity_keeps,
          &atomicity_keeps_end_of_stream,
          &atomicity_connects_later,
          &atomicity_listens_on);
