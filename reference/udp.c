/* UDP: datagrams, without connections. */
#include "endpoint.h"
#include "inet.h"
#include "lower.h"

/* Datagrams that arrived for a former default destination are discarded. Bounded, since
 * they may arrive faster than they go. */
static void discard_queued(struct endpoint *endpoint)
{
    char byte;
    WSABUF buffer = {.buf = &byte, .len = sizeof byte};

    for (int i = 0; i < 65536; i++) {
        struct transfer transfer = {.buffers = &buffer, .count = 1};
        int error = inet_receive(endpoint, &transfer, NULL);

        if (error && error != WSAEMSGSIZE)
            return;
    }
}

static int
udp_connect(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    struct sockaddr_storage former;
    int former_length = sizeof former;

    if (inet_peer_name(endpoint, (struct sockaddr *)&former, &former_length) == 0 &&
        !inet_same_name((struct sockaddr *)&former, name))
        discard_queued(endpoint);
    return inet_connect(endpoint, name, length);
}

/* That nobody was there for an earlier datagram Wine 8.0 tells a sender by a code that
 * is for connecting; the documented one for datagrams is this. */
static int code_of(int error)
{
    return error == WSAECONNREFUSED ? WSAECONNRESET : error;
}

static int
udp_send(struct endpoint *endpoint, struct transfer *transfer, WSAOVERLAPPED *done)
{
    return code_of(inet_send(endpoint, transfer, done));
}

static int
udp_receive(struct endpoint *endpoint, struct transfer *transfer, WSAOVERLAPPED *done)
{
    return code_of(inet_receive(endpoint, transfer, done));
}

/* There is nobody to be told; the core refuses further sends. */
static int udp_disconnect(struct endpoint *endpoint, const WSABUF *data)
{
    (void)endpoint;
    (void)data;
    return 0;
}

/* The lower layer offers this only as an extension of its own, whose error is the
 * thread's last one. */
static int udp_receive_message(struct endpoint *endpoint, WSAMSG *message, DWORD *bytes)
{
    GUID id = WSAID_WSARECVMSG;
    LPFN_WSARECVMSG function;
    DWORD returned;
    int error;

    if (lower.lpWSPIoctl(endpoint->lower,
                         SIO_GET_EXTENSION_FUNCTION_POINTER,
                         &id,
                         sizeof id,
                         &function,
                         sizeof function,
                         &returned,
                         NULL,
                         NULL,
                         NULL,
                         &error))
        return error;
    return function(endpoint->lower, message, bytes, NULL, NULL) ? (int)GetLastError()
                                                                 : 0;
}

const struct transport udp_transport = {
    .families = {AF_INET, AF_INET6},
    .type = SOCK_DGRAM,
    .protocol = IPPROTO_UDP,
    .check_name = inet_check_name,
    .name_length = inet_name_length,
    .is_null_name = inet_is_null_name,
    .open = inet_open,
    .local_name = inet_local_name,
    .peer_name = inet_peer_name,
    .bind = inet_bind,
    .connect = udp_connect,
    .connect_outcome = inet_connect_outcome,
    .send = udp_send,
    .receive = udp_receive,
    .receive_message = udp_receive_message,
    .disconnect = udp_disconnect,
};
