/* TCP: a byte stream, without disconnect data. */
#include "endpoint.h"
#include "inet.h"
#include "lower.h"
#include "service.h"

/* After a refused attempt the kernel below Wine 8.0 answers the next one with this code
 * and forgets it thereby; the documentation lets a client simply call again. */
static int
tcp_connect(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    int error = inet_connect(endpoint, name, length);

    return error == WSAECONNABORTED ? inet_connect(endpoint, name, length) : error;
}

static int tcp_listen(struct endpoint *endpoint, int backlog)
{
    int error;

    return lower.lpWSPListen(endpoint->lower, backlog, &error) ? error : 0;
}

static int tcp_accept(struct endpoint *endpoint, struct request *request)
{
    int error = 0;

    request->caller_length = sizeof request->caller;
    request->lower = lower.lpWSPAccept(endpoint->lower,
                                       (struct sockaddr *)&request->caller,
                                       &request->caller_length,
                                       NULL,
                                       0,
                                       &error);
    if (request->lower == INVALID_SOCKET)
        return error;
    if (endpoint->asked) /* it has inherited announcements under the listener's name */
        service_silence(request->lower);
    return 0;
}

static void tcp_find_callee(struct request *request)
{
    int error;

    request->callee_length = sizeof request->callee;
    if (lower.lpWSPGetSockName(request->lower,
                               (struct sockaddr *)&request->callee,
                               &request->callee_length,
                               &error))
        request->callee_length = 0;
}

/* Wine 8.0 loses the code of a reset that comes while nobody receives, and shows it as
 * a graceful end. But a connection that was reset has no other side any more, while one
 * whose other side alone has ended its sending still has it. */
static int tcp_end_code(struct endpoint *endpoint)
{
    struct sockaddr_storage name;
    int length = sizeof name;

    if (endpoint->sending_ended)
        return 0; /* both have ended */
    return inet_peer_name(endpoint, (struct sockaddr *)&name, &length) ? WSAECONNRESET
                                                                       : 0;
}

static bool has_room(const struct transfer *transfer)
{
    for (DWORD i = 0; i < transfer->count; i++) {
        if (transfer->buffers[i].len)
            return true;
    }
    return false;
}

static int
tcp_receive(struct endpoint *endpoint, struct transfer *transfer, WSAOVERLAPPED *done)
{
    int error = inet_receive(endpoint, transfer, done);

    if (!error && transfer->bytes == 0 && has_room(transfer))
        error = tcp_end_code(endpoint);
    return error;
}

/* The FIN carries no data. */
static int tcp_disconnect(struct endpoint *endpoint, const WSABUF *data)
{
    int error;

    (void)data;
    return lower.lpWSPShutdown(endpoint->lower, SD_SEND, &error) ? error : 0;
}

const struct transport tcp_transport = {
    .families = {AF_INET, AF_INET6},
    .type = SOCK_STREAM,
    .protocol = IPPROTO_TCP,
    .check_name = inet_check_name,
    .name_length = inet_name_length,
    .is_null_name = inet_is_null_name,
    .open = inet_open,
    .local_name = inet_local_name,
    .peer_name = inet_peer_name,
    .bind = inet_bind,
    .connect = tcp_connect,
    .connect_outcome = inet_connect_outcome,
    .listen = tcp_listen,
    .accept = tcp_accept,
    .find_callee = tcp_find_callee,
    .send = inet_send,
    .receive = tcp_receive,
    .disconnect = tcp_disconnect,
    .end_code = tcp_end_code,
};
