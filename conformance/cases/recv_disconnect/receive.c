/* WSPRecvDisconnect: once it has succeeded, receives are disallowed. */
#include "operation.h"

/* How long a receive that was accepted as pending may take until it is refused, in
 * milliseconds; less than AT_ONCE_MS, within which the thread must be back. */
#define REFUSAL_MS 500

static const char news[] = "late news";

enum arrival { NOTHING, QUEUED, SENT_AFTER };

/* A receive into `buffer`; an overlapped one gives how the operation ended, or its
 * WSA_IO_PENDING if it did not end. */
typedef struct outcome receive_call(struct spi_test *t, WSABUF buffer);

struct receive_row {
    const char *name;
    receive_call *receive;
    enum arrival arrival;
    bool nonblocking;
    int also; /* a further code that the call's page has for this; 0: none */
};

/* --- The ways to receive -------------------------------------------------------- */

static struct outcome recv_plain(struct spi_test *t, WSABUF buffer)
{
    return spi_recv(t, t->s, buffer.buf, buffer.len, 0);
}

static struct outcome recv_peek(struct spi_test *t, WSABUF buffer)
{
    return spi_recv(t, t->s, buffer.buf, buffer.len, MSG_PEEK);
}

static struct outcome recv_oob(struct spi_test *t, WSABUF buffer)
{
    return spi_recv(t, t->s, buffer.buf, buffer.len, MSG_OOB);
}

static struct outcome recv_from(struct spi_test *t, WSABUF buffer)
{
    return spi_recv_from(t, t->s, buffer.buf, buffer.len, 0);
}

static struct outcome recv_from_peek(struct spi_test *t, WSABUF buffer)
{
    return spi_recv_from(t, t->s, buffer.buf, buffer.len, MSG_PEEK);
}

static struct outcome recv_scattered(struct spi_test *t, WSABUF buffer)
{
    WSABUF parts[] = {
        {1, buffer.buf}, {3, buffer.buf + 1}, {buffer.len - 4, buffer.buf + 4}};

    return spi_recv_buffers(t, t->s, parts, 3, 0, NULL, NULL);
}

static struct outcome
ended_event(struct spi_test *t, struct outcome started, WSAOVERLAPPED *overlapped)
{
    if (!started.failed || started.error != WSA_IO_PENDING)
        return started;
    if (WaitForSingleObject(overlapped->hEvent, REFUSAL_MS) != WAIT_OBJECT_0)
        return started;
    return spi_get_overlapped_result(t, t->s, overlapped, FALSE);
}

static struct outcome recv_event(struct spi_test *t, WSABUF buffer)
{
    WSAOVERLAPPED *overlapped = new_overlapped(t, true);

    return ended_event(
        t, spi_recv_buffers(t, t->s, &buffer, 1, 0, overlapped, NULL), overlapped);
}

static struct outcome recv_from_event(struct spi_test *t, WSABUF buffer)
{
    WSAOVERLAPPED *overlapped = new_overlapped(t, true);

    return ended_event(
        t, spi_recv_from_buffers(t, t->s, &buffer, 1, 0, overlapped, NULL), overlapped);
}

/* Not on the stack: the routine may still run when the case is torn down. */
static struct completion completion;

static struct outcome ended_routine(struct outcome started)
{
    if (!started.failed || started.error != WSA_IO_PENDING)
        return started;
    if (WaitForSingleObjectEx(completion.done, REFUSAL_MS, TRUE) != WAIT_IO_COMPLETION)
        return started;
    started.failed = completion.error != 0;
    started.error = (int)completion.error;
    started.bytes = completion.bytes;
    return started;
}

static struct outcome recv_routine(struct spi_test *t, WSABUF buffer)
{
    return ended_routine(spi_recv_buffers(t,
                                          t->s,
                                          &buffer,
                                          1,
                                          0,
                                          new_overlapped_with(t, &completion),
                                          completion_routine));
}

static struct outcome recv_from_routine(struct spi_test *t, WSABUF buffer)
{
    return ended_routine(spi_recv_from_buffers(t,
                                               t->s,
                                               &buffer,
                                               1,
                                               0,
                                               new_overlapped_with(t, &completion),
                                               completion_routine));
}

/* --- The claim -------------------------------------------------------------------- */

static void peer_speaks(struct spi_test *t)
{
    int error;

    /* Whether it is taken below is the claim of other cases. */
    if (t->peer)
        peer_tries_to_send(t->peer, news, sizeof news, &error);
    else
        peer_sends_to(t, datagram_peer(t), t->s, news, sizeof news);
}

static void end_reception(struct spi_test *t, enum arrival arrival)
{
    if (arrival == QUEUED) {
        peer_speaks(t);
        await_readable(t, t->s);
    }
    SETUP(recv_disconnect(t, NULL));
    if (arrival == SENT_AFTER)
        peer_speaks(t);
}

static void
expect_refused(struct spi_test *t, const struct receive_row *row, struct outcome o)
{
    struct accepted accepted[4] = {
        {WSAESHUTDOWN, "refused: reception has ended", NULL}};
    size_t count = 1;

    if (row->also)
        accepted[count++] =
            (struct accepted){row->also, "refused for another documented reason", NULL};
    if (row->arrival != NOTHING)
        count = tolerate_reset(t, accepted, count);
    spi_expect_one_of(t, __FILE__, __LINE__, "a receive", o, accepted, count);
}

struct receive {
    const struct receive_row *row;
    WSABUF buffer;
};

static struct outcome receive(struct spi_test *t, void *context)
{
    struct receive *receive = context;

    return receive->row->receive(t, receive->buffer);
}

static void expect_no_receive(struct spi_test *t, const struct receive_row *row)
{
    struct receive attempt = {row, guarded_buffer(t, 64)};
    struct outcome o;

    if (row->nonblocking)
        SETUP(spi_set_nonblocking(t, t->s, true));
    end_reception(t, row->arrival);
    if (!returns_at_once(t, "a receive", receive, &attempt, &o))
        return;
    expect_refused(t, row, o);
    EXPECT_THAT(memcmp(attempt.buffer.buf, news, sizeof news) != 0,
                ("nothing of what the peer sent to reach the client"),
                ("that %s put it into the client's buffer", o.function));
}

/* clang-format off */
#define OVERLAPPED(way, also) \
    {#way ".nothing", way, NOTHING, false, also}, \
    {#way ".queued", way, QUEUED, false, also}, \
    {#way ".sent_after", way, SENT_AFTER, false, also}
#define BOTH_MODES(way, also) \
    {#way ".nothing.blocking", way, NOTHING, false, also}, \
    {#way ".queued.blocking", way, QUEUED, false, also}, \
    {#way ".sent_after.blocking", way, SENT_AFTER, false, also}, \
    {#way ".nothing.nonblocking", way, NOTHING, true, also}, \
    {#way ".queued.nonblocking", way, QUEUED, true, also}, \
    {#way ".sent_after.nonblocking", way, SENT_AFTER, true, also}

static const struct receive_row connected_rows[] = {
    BOTH_MODES(recv_plain, 0),
    BOTH_MODES(recv_peek, 0),
    BOTH_MODES(recv_oob, WSAEOPNOTSUPP), /* not of the stream kind */
    BOTH_MODES(recv_scattered, 0),
    BOTH_MODES(recv_from, WSAEISCONN),
    OVERLAPPED(recv_event, 0),
    OVERLAPPED(recv_routine, 0),
    OVERLAPPED(recv_from_event, WSAEISCONN),
};

static const struct receive_row unconnected_rows[] = {
    BOTH_MODES(recv_from, 0),
    BOTH_MODES(recv_from_peek, 0),
    OVERLAPPED(recv_from_event, 0),
    OVERLAPPED(recv_from_routine, 0),
};
/* clang-format on */

/* RD-13: after success no kind of receive on a connected socket gets anything, and none
 * waits for it. */
SPI_TABLE(refused,
          struct receive_row,
          connected_rows,
          .id = "recv_disconnect.receive.refused",
          .checks = "RD-13",
          .arrange = connected_pair)
{
    expect_no_receive(t, row);
}

/* RD-13: the same holds for a datagram socket without a default destination. */
SPI_TABLE(refused_unconnected,
          struct receive_row,
          unconnected_rows,
          .id = "recv_disconnect.receive.refused_unconnected",
          .checks = "RD-13 RD-11",
          .applies = {.orientation = CONNECTIONLESS},
          .arrange = bound_socket)
{
    expect_no_receive(t, row);
}

/* RD-13: urgent data that wait when reception ends are not delivered either. */
SPI_CASE(refused_urgent,
         .id = "recv_disconnect.receive.refused_urgent",
         .checks = "RD-13",
         .applies = {.has = XP1_EXPEDITED_DATA, .orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    static const struct receive_row row = {"urgent", recv_oob, QUEUED, true, 0};

    if (send(peer_socket(t->peer), "!", 1, MSG_OOB) != 1)
        BLOCKED("the peer cannot send urgent data: %s", error_text(WSAGetLastError()));
    expect_no_receive(t, &row);
}

/* --- WSARecvMsg ------------------------------------------------------------------- */

static LPFN_WSARECVMSG recv_msg_function(struct spi_test *t)
{
    static const GUID id = WSAID_WSARECVMSG;
    LPFN_WSARECVMSG function = NULL;
    struct outcome o = spi_ioctl(t,
                                 t->s,
                                 SIO_GET_EXTENSION_FUNCTION_POINTER,
                                 &id,
                                 sizeof id,
                                 &function,
                                 sizeof function);

    if (o.failed || !function)
        BLOCKED("the provider does not offer WSARecvMsg");
    return spi_checked_recv_msg(function);
}

/* The provider's function; it reports errors as the API does. */
static LPFN_WSARECVMSG provided_recv_msg;

static struct outcome recv_msg(struct spi_test *t, WSABUF buffer)
{
    struct sockaddr_storage from;
    WSAMSG message = {.name = (struct sockaddr *)&from,
                      .namelen = sizeof from,
                      .lpBuffers = &buffer,
                      .dwBufferCount = 1};
    struct outcome o = {.function = "WSARecvMsg"};

    o.result = provided_recv_msg(t->s, &message, &o.bytes, NULL, NULL);
    o.failed = o.result == SOCKET_ERROR;
    o.error = o.failed ? WSAGetLastError() : 0;
    return o;
}

/* clang-format off */
static const struct receive_row message_rows[] = {
    {"nothing", recv_msg, NOTHING, false, 0},
    {"queued", recv_msg, QUEUED, false, 0},
    {"sent_after", recv_msg, SENT_AFTER, false, 0},
};
/* clang-format on */

/* RD-13: nor does the extension function WSARecvMsg, where it is offered, receive. */
SPI_TABLE(refused_message,
          struct receive_row,
          message_rows,
          .id = "recv_disconnect.receive.refused_message",
          .checks = "RD-13",
          .applies = {.orientation = CONNECTIONLESS},
          .arrange = connected_pair)
{
    provided_recv_msg = recv_msg_function(t);
    expect_no_receive(t, row);
}

/* RD-13: it is receives on this socket that are disallowed. */
SPI_CASE(others_go_on,
         .id = "recv_disconnect.other_sockets.receive",
         .checks = "RD-13",
         .arrange = two_connected_pairs)
{
    static const char sent[] = "for the other socket";
    char got[sizeof sent] = "";
    struct outcome o;

    SETUP(recv_disconnect(t, NULL));
    peer_sends(t, t->other_peer, sent, sizeof sent);
    await_readable(t, t->other);
    o = spi_recv(t, t->other, got, sizeof got, 0);
    EXPECT_SUCCEEDS(o);
    if (!o.failed)
        EXPECT_BYTES(got, sent, sizeof sent);
}

SPI_SUITE(recv_disconnect_receive,
          &refused,
          &refused_unconnected,
          &refused_urgent,
          &refused_message,
          &others_go_on);
