/* WSPRecvDisconnect, WSPSendDisconnect and WSPShutdown: the ways to end one direction
 * of a connection while the socket stays. An RD number at a line names the sentence of
 * the documentation for which the line is there; the sentences are listed in
 * conformance/requirements/recv_disconnect.toml. */
#include "disconnect.h"

#include "error.h"
#include "memory.h"
#include "overlapped.h"
#include "spi.h"

/* --- Ending the reception -------------------------------------------------------- */

/* RD-15, RD-16, RD-17: the reception ends here and nowhere else. The lower layer is not
 * told; it goes on accepting data until its queue is full, and has nothing to answer.
 *
 * RD-26: who is in the middle of a reception learns of its end as those do who come
 * later. Operations that ended are put into *ended. */
static void end_reception(struct endpoint *endpoint, struct queue *ended)
{
    endpoint->reception_ended = true; /* RD-13 */
    overlapped_end(&endpoint->receives, WSAESHUTDOWN, ended);
    endpoint_end_waits(endpoint, WAITS_TO_RECEIVE, WSAESHUTDOWN);
    endpoint_wake(endpoint, FD_READ); /* a selected socket now counts as readable */
    if (endpoint->transport->engine)
        endpoint->transport->engine->end_reception(endpoint);
}

/* RD-14: copies the other side's disconnect data into the client's buffer. They stay
 * the endpoint's, so a further call delivers them again (RD-25), and one that comes
 * before the other side has disconnected delivers no bytes and loses none (RD-23). */
static int deliver(struct endpoint *endpoint, WSABUF *buffer)
{
    WSABUF data;

    if (!buffer)
        return 0; /* RD-28: the client does not want any */
    if (!endpoint->transport->inbound_disconnect_data)
        return WSAENOPROTOOPT; /* RD-7 */
    if (!memory_writable(buffer, sizeof *buffer) ||
        !memory_writable(buffer->buf, buffer->len))
        return WSAEFAULT; /* RD-29 */
    data = endpoint->transport->inbound_disconnect_data(endpoint);
    if (buffer->len < data.len)
        return WSAEFAULT; /* RD-6 */
    if (data.len)
        memcpy(buffer->buf, data.buf, data.len);
    buffer->len = data.len; /* RD-24 */
    return 0;
}

static int receive_disconnect(struct endpoint *endpoint, WSABUF *buffer)
{
    struct queue ended = {NULL, NULL};
    int error;

    /* RD-19: nothing in here waits for the other side or for data to leave. */
    EnterCriticalSection(&endpoint->lock);
    error = endpoint_require_connection(endpoint); /* RD-10, RD-11 */
    if (!error)
        error = deliver(endpoint, buffer);
    if (!error) /* RD-21: only a call that succeeds changes anything */
        end_reception(endpoint, &ended);
    LeaveCriticalSection(&endpoint->lock);
    overlapped_finish(&ended);
    return error;
}

int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint); /* RD-12, then RD-8 and RD-9, then RD-5 */

    if (error)
        return fail(lpErrno, error);
    error = receive_disconnect(endpoint, lpInboundDisconnectData);
    endpoint_leave(endpoint);      /* RD-30: kept in place till here; RD-18: open */
    return finish(lpErrno, error); /* RD-2, RD-3, RD-4 */
}

/* --- Ending the sending ---------------------------------------------------------- */

/* Keeps a copy of the data until the pending sends are through. */
static int put_off(struct endpoint *endpoint, const WSABUF *data)
{
    endpoint->disconnect_due = true;
    if (!data)
        return 0;
    if (data->len > DISCONNECT_DATA_MAX)
        return WSAEFAULT;
    endpoint->disconnect_data = memory_allocate(sizeof *data + data->len);
    if (!endpoint->disconnect_data)
        return WSAENOBUFS;
    endpoint->disconnect_data->len = data->len;
    endpoint->disconnect_data->buf = (char *)(endpoint->disconnect_data + 1);
    memcpy(endpoint->disconnect_data->buf, data->buf, data->len);
    return 0;
}

/* Operations that were started before are still sent, and then the end. */
static int end_sending(struct endpoint *endpoint, const WSABUF *data)
{
    int error = 0;

    if (endpoint->sends.first && !endpoint->sending_ended)
        error = put_off(endpoint, data);
    else if (!endpoint->sending_ended || data)
        error = endpoint->transport->disconnect(endpoint, data);
    if (!error)
        endpoint->sending_ended = true;
    return error;
}

static int check_outbound(const struct endpoint *endpoint, const WSABUF *data)
{
    if (!data)
        return 0;
    if (!endpoint->transport->inbound_disconnect_data)
        return WSAENOPROTOOPT;
    if (!memory_readable(data, sizeof *data) || !memory_readable(data->buf, data->len))
        return WSAEFAULT;
    return 0;
}

/* RD-22: independent of the other direction. */
static int send_disconnect(struct endpoint *endpoint, const WSABUF *data)
{
    int error;

    EnterCriticalSection(&endpoint->lock);
    error = endpoint_require_connection(endpoint);
    if (!error)
        error = check_outbound(endpoint, data);
    if (!error)
        error = end_sending(endpoint, data);
    LeaveCriticalSection(&endpoint->lock);
    return error;
}

int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = send_disconnect(endpoint, lpOutboundDisconnectData);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

/* --- Both ------------------------------------------------------------------------ */

int disconnect_shut_down(struct endpoint *endpoint, int how)
{
    struct queue ended = {NULL, NULL};
    int error;

    if (how != SD_RECEIVE && how != SD_SEND && how != SD_BOTH)
        return WSAEINVAL;
    EnterCriticalSection(&endpoint->lock);
    error = endpoint_require_connection(endpoint);
    if (!error && how != SD_RECEIVE)
        error = end_sending(endpoint, NULL);
    if (!error && how != SD_SEND) /* RD-27: the same end as WSPRecvDisconnect's */
        end_reception(endpoint, &ended);
    LeaveCriticalSection(&endpoint->lock);
    overlapped_finish(&ended);
    return error;
}

int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    error = disconnect_shut_down(endpoint, how);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}
