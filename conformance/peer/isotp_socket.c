#include "isotp_socket.h"

#include "isotp_system.h"

#include <limits.h>
#include <string.h>

enum { WAIT_MAX_MS = 60000, PIECE_MAX = 1 << 20 };

bool isotp_network_start(void)
{
    return system_start();
}

void isotp_network_stop(void)
{
    system_stop();
}

uint64_t isotp_now_ms(void)
{
    return system_now_ms();
}

static enum isotp_result failed_by(struct isotp_why *why, const char *what, int error)
{
    if (system_is_reset(error))
        return isotp_because(
            ISOTP_RESET, why, "%s: the far side reset the TCP connection", what);
    if (system_is_refused(error))
        return isotp_because(
            ISOTP_REFUSED, why, "%s: the far side refused the TCP connection", what);
    return isotp_because(ISOTP_FAILED, why, "%s: system error %d", what, error);
}

/* As the system's last error says. */
static enum isotp_result failed(struct isotp_why *why, const char *what)
{
    return failed_by(why, what, system_error());
}

static enum isotp_result await(isotp_socket s,
                               bool for_sending,
                               uint64_t deadline,
                               const char *what,
                               struct isotp_why *why)
{
    for (;;) {
        uint64_t now = system_now_ms();
        uint64_t left = now < deadline ? deadline - now : 0;
        int ready = system_wait(
            (SOCKET)s, for_sending, left < WAIT_MAX_MS ? (unsigned)left : WAIT_MAX_MS);

        if (ready > 0)
            return ISOTP_OK;
        if (ready < 0)
            return failed(why, what);
        if (left == 0)
            return isotp_because(
                ISOTP_TIMEOUT, why, "%s: nothing happened within the time limit", what);
    }
}

static struct sockaddr_in to_native(const struct isotp_endpoint *endpoint)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint->port);
    memcpy(&address.sin_addr, endpoint->address, sizeof endpoint->address);
    return address;
}

static void from_native(const struct sockaddr_in *address,
                        struct isotp_endpoint *endpoint)
{
    memcpy(endpoint->address, &address->sin_addr, sizeof endpoint->address);
    endpoint->port = ntohs(address->sin_port);
}

enum isotp_result isotp_socket_name(isotp_socket s,
                                    struct isotp_endpoint *endpoint,
                                    struct isotp_why *why)
{
    struct sockaddr_in address;
    system_length length = sizeof address;

    if (getsockname((SOCKET)s, (struct sockaddr *)&address, &length) != 0)
        return failed(why, "asking for the own address");
    from_native(&address, endpoint);
    return ISOTP_OK;
}

enum isotp_result isotp_socket_far_name(isotp_socket s,
                                        struct isotp_endpoint *endpoint,
                                        struct isotp_why *why)
{
    struct sockaddr_in address;
    system_length length = sizeof address;

    if (getpeername((SOCKET)s, (struct sockaddr *)&address, &length) != 0)
        return failed(why, "asking for the far address");
    from_native(&address, endpoint);
    return ISOTP_OK;
}

/* Every piece that a caller sends shall leave at once. */
static bool prepare(isotp_socket s)
{
    int on = 1;

    return system_set_nonblocking((SOCKET)s) &&
           setsockopt(
               (SOCKET)s, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on) == 0;
}

/* A new socket, bound if `from` is not NULL. */
static enum isotp_result make_socket(const struct isotp_endpoint *from,
                                     isotp_socket *made,
                                     struct isotp_why *why)
{
    isotp_socket s = (isotp_socket)socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    enum isotp_result result;

    if (s == ISOTP_NO_SOCKET)
        return failed(why, "making a socket");
    if (!prepare(s)) {
        result = failed(why, "preparing a socket");
        goto close_socket;
    }
    if (from) {
        struct sockaddr_in address = to_native(from);

        if (bind((SOCKET)s, (struct sockaddr *)&address, sizeof address) != 0) {
            result = failed(why, "binding a socket");
            goto close_socket;
        }
    }
    *made = s;
    return ISOTP_OK;

close_socket:
    system_close((SOCKET)s);
    return result;
}

enum isotp_result isotp_socket_listen(struct isotp_endpoint *endpoint,
                                      int backlog,
                                      isotp_socket *listener,
                                      struct isotp_why *why)
{
    enum isotp_result result = make_socket(endpoint, listener, why);

    if (result != ISOTP_OK)
        return result;
    result = listen((SOCKET)*listener, backlog) == 0
                 ? isotp_socket_name(*listener, endpoint, why)
                 : failed(why, "listening");
    if (result != ISOTP_OK)
        isotp_socket_close(*listener);
    return result;
}

enum isotp_result isotp_socket_accept(isotp_socket listener,
                                      uint64_t deadline,
                                      isotp_socket *accepted,
                                      struct isotp_why *why)
{
    static const char what[] = "accepting a TCP connection";

    for (;;) {
        enum isotp_result result = await(listener, false, deadline, what, why);

        if (result != ISOTP_OK)
            return result;
        *accepted = (isotp_socket)accept((SOCKET)listener, NULL, NULL);
        if (*accepted == ISOTP_NO_SOCKET) {
            /* The connection may have gone between the two calls. */
            if (!system_is_pending(system_error()))
                return failed(why, what);
        } else if (prepare(*accepted)) {
            return ISOTP_OK;
        } else {
            result = failed(why, what);
            isotp_socket_close(*accepted);
            return result;
        }
    }
}

/* How the connection attempt that was pending ended. */
static enum isotp_result
attempt_result(isotp_socket s, const char *what, struct isotp_why *why)
{
    int error = 0;
    system_length length = sizeof error;

    if (getsockopt((SOCKET)s, SOL_SOCKET, SO_ERROR, (char *)&error, &length) != 0)
        return failed(why, what);
    return error == 0 ? ISOTP_OK : failed_by(why, what, error);
}

enum isotp_result isotp_socket_connect(const struct isotp_endpoint *from,
                                       const struct isotp_endpoint *to,
                                       uint64_t deadline,
                                       isotp_socket *connected,
                                       struct isotp_why *why)
{
    static const char what[] = "connecting by TCP";
    struct sockaddr_in address = to_native(to);
    enum isotp_result result = make_socket(from, connected, why);

    if (result != ISOTP_OK)
        return result;
    if (connect((SOCKET)*connected, (struct sockaddr *)&address, sizeof address) != 0) {
        if (!system_is_pending(system_error()))
            result = failed(why, what);
        else
            result = await(*connected, true, deadline, what, why);
        if (result == ISOTP_OK)
            result = attempt_result(*connected, what, why);
    }
    if (result != ISOTP_OK)
        isotp_socket_close(*connected);
    return result;
}

enum isotp_result isotp_socket_send(isotp_socket s,
                                    const void *data,
                                    size_t size,
                                    uint64_t deadline,
                                    size_t *taken,
                                    struct isotp_why *why)
{
    static const char what[] = "sending";

    *taken = 0;
    while (*taken < size) {
        size_t piece = size - *taken < PIECE_MAX ? size - *taken : PIECE_MAX;
        int sent =
            (int)send((SOCKET)s, (const char *)data + *taken, piece, SYSTEM_SEND_FLAGS);
        enum isotp_result result;

        if (sent >= 0) {
            *taken += (size_t)sent;
            continue;
        }
        if (!system_is_pending(system_error()))
            return failed(why, what);
        result = await(s, true, deadline, what, why);
        if (result != ISOTP_OK)
            return result;
    }
    return ISOTP_OK;
}

enum isotp_result isotp_socket_receive(isotp_socket s,
                                       void *buffer,
                                       size_t size,
                                       uint64_t deadline,
                                       size_t *received,
                                       struct isotp_why *why)
{
    static const char what[] = "receiving";
    size_t piece = size < PIECE_MAX ? size : PIECE_MAX;

    *received = 0;
    for (;;) {
        int count = (int)recv((SOCKET)s, buffer, piece, 0);
        enum isotp_result result;

        if (count > 0) {
            *received = (size_t)count;
            return ISOTP_OK;
        }
        if (count == 0 && system_end_is_reset((SOCKET)s))
            return isotp_because(
                ISOTP_RESET, why, "%s: the far side reset the TCP connection", what);
        if (count == 0)
            return isotp_because(
                ISOTP_CLOSED, why, "the far side closed the TCP connection");
        if (!system_is_pending(system_error()))
            return failed(why, what);
        result = await(s, false, deadline, what, why);
        if (result != ISOTP_OK)
            return result;
    }
}

enum isotp_result isotp_socket_finish(isotp_socket s, struct isotp_why *why)
{
    if (shutdown((SOCKET)s, SYSTEM_SHUT_SENDING) == 0)
        return ISOTP_OK;
    return failed(why, "ending the TCP connection");
}

void isotp_socket_close(isotp_socket s)
{
    system_close((SOCKET)s);
}

void isotp_socket_reset(isotp_socket s)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt((SOCKET)s, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof linger);
    system_close((SOCKET)s);
}
