#include "peer.h"

#include "kernel_table.h"
#include "record.h"
#include "running.h"
#include "socket_list.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>

/* More than any queue of a connection holds, in bytes. */
#define MOST_SENT (64u << 20)

struct peer {
    struct peer *next;
    SOCKET socket;
    int type;
    struct sockaddr_storage address;
    int address_length; /* 0: not asked for yet */
};

static struct sockaddr_storage worker4, worker6;
static struct peer *peers; /* of the running case */
static SRWLOCK lock = SRWLOCK_INIT;

bool peer_open(const char *address4, const char *address6)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&worker4;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&worker6;
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return false;
    v4->sin_family = AF_INET;
    v6->sin6_family = AF_INET6;
    return inet_pton(AF_INET, address4, &v4->sin_addr) == 1 &&
           inet_pton(AF_INET6, address6, &v6->sin6_addr) == 1;
}

bool peer_speaks(const WSAPROTOCOL_INFOW *entry, const char **why)
{
    if (entry->iAddressFamily != AF_INET && entry->iAddressFamily != AF_INET6) {
        *why = spi_text("the suite has no far end of address family %d",
                        entry->iAddressFamily);
        return false;
    }
    if (entry->iSocketType != SOCK_STREAM && entry->iSocketType != SOCK_DGRAM) {
        *why =
            spi_text("the suite has no far end of socket type %d", entry->iSocketType);
        return false;
    }
    return true;
}

void worker_address(struct spi_test *t,
                    unsigned short port,
                    struct sockaddr_storage *address,
                    int *length)
{
    const char *why;

    if (!peer_speaks(t->entry, &why))
        blocked("%s", why);
    if (t->entry->iAddressFamily == AF_INET) {
        *address = worker4;
        ((struct sockaddr_in *)address)->sin_port = htons(port);
        *length = sizeof(struct sockaddr_in);
    } else {
        *address = worker6;
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
        *length = sizeof(struct sockaddr_in6);
    }
}

unsigned short port_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
}

static const char *system_error(void)
{
    return error_text(WSAGetLastError());
}

static struct peer *register_peer(SOCKET s, int type)
{
    struct peer *peer;
    u_long on = 1;

    if (s == INVALID_SOCKET)
        blocked("the peer's socket: %s", system_error());
    peer = calloc(1, sizeof *peer);
    if (!peer)
        abort();
    peer->socket = s;
    peer->type = type;
    AcquireSRWLockExclusive(&lock);
    peer->next = peers;
    peers = peer;
    ReleaseSRWLockExclusive(&lock);
    ioctlsocket(s, (long)FIONBIO, &on);
    return peer;
}

struct peer *peer_new(struct spi_test *t, int backlog)
{
    struct sockaddr_storage address;
    struct peer *peer;
    int length;

    worker_address(t, 0, &address, &length);
    peer = register_peer(socket(address.ss_family, t->entry->iSocketType, 0),
                         t->entry->iSocketType);
    if (bind(peer->socket, (struct sockaddr *)&address, length))
        blocked("the peer's bind to the worker's address: %s", system_error());
    if (backlog >= 0 && listen(peer->socket, backlog))
        blocked("the peer's listen: %s", system_error());
    return peer;
}

/* Waits until the system says that the socket is ready. */
static bool is_ready(SOCKET s, bool for_writing, unsigned ms)
{
    struct timeval timeout = {.tv_sec = (long)(ms / 1000),
                              .tv_usec = (long)(ms % 1000) * 1000};
    fd_set set, failed;

    FD_ZERO(&set);
    FD_SET(s, &set);
    FD_ZERO(&failed);
    FD_SET(s, &failed);
    return select(0,
                  for_writing ? NULL : &set,
                  for_writing ? &set : NULL,
                  for_writing ? &failed : NULL,
                  &timeout) == 1 &&
           (set.fd_count || !for_writing);
}

struct peer *peer_accepted(struct spi_test *t, struct peer *listener)
{
    SOCKET s = accept(listener->socket, NULL, NULL);

    if (s == INVALID_SOCKET && WSAGetLastError() == WSAEWOULDBLOCK) {
        if (!is_ready(listener->socket, false, DEFAULT_WAIT_MS))
            blocked("no connection has reached the peer within %d s",
                    DEFAULT_WAIT_MS / 1000);
        s = accept(listener->socket, NULL, NULL);
    }
    return register_peer(s, t->entry->iSocketType);
}

void peer_connects_to(struct spi_test *t,
                      struct peer *peer,
                      const struct sockaddr *address,
                      int length)
{
    (void)t;
    if (connect(peer->socket, address, length) && WSAGetLastError() != WSAEWOULDBLOCK)
        blocked("the peer's connect: %s", system_error());
}

bool peer_is_connected(struct peer *peer, unsigned ms)
{
    return is_ready(peer->socket, true, ms);
}

SOCKET peer_socket(const struct peer *peer)
{
    return peer->socket;
}

const struct sockaddr *peer_address(const struct peer *peer, int *length)
{
    /* What is filled in here is no part of what the caller may not change. */
    struct peer *known = (struct peer *)(UINT_PTR)peer;
    struct sockaddr *address = (struct sockaddr *)&known->address;

    if (!known->address_length) {
        known->address_length = sizeof known->address;
        if (getsockname(peer->socket, address, &known->address_length))
            blocked("the peer's address: %s", system_error());
    }
    *length = known->address_length;
    return address;
}

void peer_sends(struct spi_test *t, struct peer *peer, const void *data, size_t size)
{
    const char *from = data;
    size_t left = size;

    (void)t;
    trace_line("peer sends %zu bytes", size);
    do {
        int sent = send(peer->socket, from, (int)left, 0);

        if (sent >= 0) {
            from += sent;
            left -= (size_t)sent;
        } else if (WSAGetLastError() != WSAEWOULDBLOCK) {
            blocked("the peer's send: %s", system_error());
        } else if (!is_ready(peer->socket, true, DEFAULT_WAIT_MS)) {
            blocked("the peer's send: the queues are full");
        }
    } while (left);
}

int peer_tries_to_send(struct peer *peer, const void *data, size_t size, int *error)
{
    int sent = send(peer->socket, data, (int)size, 0);

    *error = sent < 0 ? WSAGetLastError() : 0;
    if (sent < 0)
        trace_line("peer sends %zu bytes -> %s", size, error_text(*error));
    else
        trace_line("peer sends %zu bytes -> %d", size, sent);
    return sent;
}

size_t peer_sends_until_full(struct spi_test *t,
                             struct peer *peer,
                             unsigned patience_ms,
                             int *error)
{
    static const char block[16384];
    size_t size = peer->type == SOCK_STREAM ? sizeof block : 1024;
    size_t total = 0;

    (void)t;
    *error = 0;
    while (total < MOST_SENT) {
        int sent = send(peer->socket, block, (int)size, 0);

        if (sent > 0) {
            total += (size_t)sent;
            continue;
        }
        *error = WSAGetLastError();
        if (*error != WSAEWOULDBLOCK)
            break;
        record_wait(patience_ms);
        if (!is_ready(peer->socket, true, patience_ms))
            break;
        *error = 0;
    }
    trace_line("peer sends until full -> %zu bytes, then %s",
               total,
               *error ? error_text(*error) : "no refusal");
    return total;
}

int peer_receives(
    struct spi_test *t, struct peer *peer, void *buffer, size_t size, int *error)
{
    int got;

    (void)t;
    *error = 0;
    if (!is_ready(peer->socket, false, DEFAULT_WAIT_MS)) {
        *error = WSAETIMEDOUT;
        return -1;
    }
    got = recv(peer->socket, buffer, (int)size, 0);
    if (got < 0)
        *error = WSAGetLastError();
    trace_line("peer receives -> %d%s%s",
               got,
               *error ? ", " : "",
               *error ? error_text(*error) : "");
    return got;
}

/* What the far end did has reached the provider's socket, if it can tell. Inside of a
 * call, as in a blocking callback, it need not answer another one. */
static void await_end(struct spi_test *t, struct peer *peer)
{
    SOCKET s = peer == t->peer ? t->s : t->other;

    if ((peer != t->peer && peer != t->other_peer) || peer->type != SOCK_STREAM ||
        socket_list_is_deaf(s) || call_serial(GetCurrentThreadId()))
        return;
    await_readable(t, s);
}

void peer_disconnects(struct spi_test *t, const void *data, size_t size)
{
    (void)data;
    if (!t->peer)
        blocked("the case has no peer that could disconnect");
    if (size)
        blocked("the peer's protocol carries no disconnect data");
    trace_line("peer ends its sending");
    if (t->peer->type != SOCK_STREAM)
        return;
    if (shutdown(t->peer->socket, SD_SEND))
        blocked("the peer's shutdown: %s", system_error());
    await_end(t, t->peer);
}

void peer_drop(struct peer *peer)
{
    if (peer->socket != INVALID_SOCKET)
        closesocket(peer->socket);
    peer->socket = INVALID_SOCKET;
}

void peer_closes(struct spi_test *t, struct peer *peer)
{
    trace_line("peer closes");
    peer_drop(peer);
    await_end(t, peer);
}

void peer_resets(struct spi_test *t, struct peer *peer)
{
    static const struct linger hard = {.l_onoff = 1, .l_linger = 0};

    trace_line("peer closes with a reset");
    if (peer->type == SOCK_STREAM)
        setsockopt(
            peer->socket, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard);
    peer_drop(peer);
    await_end(t, peer);
}

struct peer *datagram_peer(struct spi_test *t)
{
    if (t->entry->iSocketType != SOCK_DGRAM)
        blocked("datagram peers are for datagram entries");
    return peer_new(t, -1);
}

void peer_sends_to(
    struct spi_test *t, struct peer *peer, SOCKET s, const void *data, size_t size)
{
    struct sockaddr_storage address;
    int length;

    worker_address(t, local_port(t, s), &address, &length);
    trace_line("peer sends a datagram of %zu bytes", size);
    if (sendto(peer->socket,
               data,
               (int)size,
               0,
               (const struct sockaddr *)&address,
               length) < 0)
        blocked("the peer's sendto: %s", system_error());
}

struct port_search {
    const struct sockaddr *address;
    size_t queued;
};

static bool add_queue(void *context, const struct kernel_socket *row)
{
    struct port_search *search = context;

    if (row->state == KERNEL_LISTEN || !kernel_socket_is_at(row, search->address))
        return true;
    search->queued += row->receive_queue;
    /* The end of the stream counts as a byte there. */
    if (row->state == KERNEL_CLOSE_WAIT && row->receive_queue)
        --search->queued;
    return true;
}

size_t kernel_receive_queue(struct spi_test *t, unsigned short port)
{
    struct sockaddr_storage address;
    struct port_search search = {.address = (const struct sockaddr *)&address};
    int length;

    worker_address(t, port, &address, &length);
    if (!kernel_table_each(
            t->entry->iAddressFamily, t->entry->iSocketType, add_queue, &search))
        blocked("the system has no table of socket queues (/proc/net)");
    trace_line("kernel holds %zu bytes for port %u", search.queued, port);
    return search.queued;
}

void peers_release(void)
{
    while (peers) {
        struct peer *peer = peers;

        peers = peer->next;
        peer_drop(peer);
        free(peer);
    }
}
