/* TCP: a byte stream, without disconnect data. */
#include "endpoint.h"
#include "inet.h"
#include "lower.h"
#include "service.h"

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
    /* It has inherited the listener's announcements; they would name the wrong one. */
    service_silence(request->lower);
    request->callee_length = sizeof request->callee;
    if (lower.lpWSPGetSockName(request->lower,
                               (struct sockaddr *)&request->callee,
                               &request->callee_length,
                               &error))
        request->callee_length = 0;
    return 0;
}

/* The FIN carries no data. */
static int tcp_disconnect(struct endpoint *endpoint, const WSABUF *data)
{
    int error;

    (void)data;
    return lower.lpWSPShutdown(endpoint->lower, SD_SEND, &error) ? error : 0;
}

const struct transport tcp_transport = {
    .type = SOCK_STREAM,
    .protocol = IPPROTO_TCP,
    .check_name = inet_check_name,
    .name_length = inet_name_length,
    .is_null_name = inet_is_null_name,
    .bind = inet_bind,
    .connect = inet_connect,
    .listen = tcp_listen,
    .accept = tcp_accept,
    .send = inet_send,
    .receive = inet_receive,
    .disconnect = tcp_disconnect,
};
