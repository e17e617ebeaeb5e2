#include "peer.h"

#include "iso_address.h"
#include "iso_server.h"
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
    SOCKET socket;             /* INVALID_SOCKET: none, or `iso` has it */
    int family;                /* of the entry */
    int type;                  /* of the system's socket */
    struct iso_end *iso;       /* ISO transport: the connection; NULL: none yet */
    struct iso_server *server; /* ISO transport: answers for `socket`; NULL: nobody */
    struct sockaddr_storage address;
    int address_length; /* 0: not asked for yet */
};

static struct peer *peers; /* of the running case */
static SRWLOCK lock = SRWLOCK_INIT;

bool peer_speaks(const WSAPROTOCOL_INFOW *entry, const char **why)
{
    bool stream = entry->iSocketType == SOCK_STREAM;
    bool iso = entry->iAddressFamily == AF_ISO;

    if (!iso && entry->iAddressFamily != AF_INET && entry->iAddressFamily != AF_INET6) {
        *why = spi_text("the suite has no far end of address family %d",
                        entry->iAddressFamily);
        return false;
    }
    if (!stream && entry->iSocketType != (iso ? SOCK_SEQPACKET : SOCK_DGRAM)) {
        *why =
            spi_text("the suite has no far end of socket type %d", entry->iSocketType);
        return false;
    }
    return true;
}

static const char *system_error(void)
{
    return error_text(WSAGetLastError());
}

static struct peer *register_peer(struct spi_test *t, SOCKET s)
{
    struct peer *peer = calloc(1, sizeof *peer);
    u_long on = 1;

    if (!peer)
        abort();
    peer->socket = s;
    peer->family = t->entry->iAddressFamily;
    peer->type = t->entry->iSocketType == SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM;
    AcquireSRWLockExclusive(&lock);
    peer->next = peers;
    peers = peer;
    ReleaseSRWLockExclusive(&lock);
    if (s != INVALID_SOCKET)
        ioctlsocket(s, (long)FIONBIO, &on);
    return peer;
}

struct peer *peer_new(struct spi_test *t, int backlog)
{
    struct sockaddr_storage address, system;
    struct peer *peer;
    int length;
    SOCKET s;

    worker_address(t, 0, &address, &length);
    system_address((struct sockaddr *)&address, &system, &length);
    s = system_socket(t);
    if (s == INVALID_SOCKET)
        blocked("the peer's socket: %s", system_error());
    peer = register_peer(t, s);
    if (bind(peer->socket, (struct sockaddr *)&system, length))
        blocked("the peer's bind to the worker's address: %s", system_error());
    if (backlog >= 0 && listen(peer->socket, backlog))
        blocked("the peer's listen: %s", system_error());
    return peer;
}

void peer_serves(struct peer *listener)
{
    if (listener->family != AF_ISO || listener->server)
        return;
    listener->server = iso_server_start(listener->socket);
    if (!listener->server)
        blocked("no thread could be made that answers calls");
}

/* Waits until the system says that the socket is ready. */
/* A connection that WSPConnect has reported is complete below: this is for a machine
 * under load. The second is for where the one before has not come. */
#define ARRIVAL_WAIT_MS 2000
#define HOPELESS_WAIT_MS 100

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

/* Where one connection that WSPConnect reported has not come, the next one hardly will,
 * and nearly every case needs one: a provider that only says so would cost hours. The
 * next one that does come makes us patient again. */
static bool connections_come = true;

static unsigned arrival_wait_ms(void)
{
    return connections_come ? ARRIVAL_WAIT_MS : HOPELESS_WAIT_MS;
}

static void expect_arrival(bool came)
{
    unsigned waited = arrival_wait_ms();

    connections_come = came;
    if (!came)
        blocked("WSPConnect succeeded, but no connection has reached the peer within "
                "%u ms",
                waited);
}

static struct peer *iso_accepted(struct spi_test *t, struct peer *listener)
{
    struct iso_end *end;
    struct peer *peer;

    peer_serves(listener);
    end = iso_server_take(listener->server, arrival_wait_ms());
    expect_arrival(end != NULL);
    peer = register_peer(t, INVALID_SOCKET);
    peer->iso = end;
    return peer;
}

struct peer *peer_accepted(struct spi_test *t, struct peer *listener)
{
    SOCKET s;

    if (listener->family == AF_ISO)
        return iso_accepted(t, listener);
    s = accept(listener->socket, NULL, NULL);
    if (s == INVALID_SOCKET && WSAGetLastError() == WSAEWOULDBLOCK) {
        expect_arrival(is_ready(listener->socket, false, arrival_wait_ms()));
        s = accept(listener->socket, NULL, NULL);
    }
    if (s == INVALID_SOCKET)
        blocked("the peer's socket: %s", system_error());
    return register_peer(t, s);
}

/* Its own socket has only kept a port so far. */
static void
iso_connects_to(struct spi_test *t, struct peer *peer, const struct sockaddr *address)
{
    const SOCKADDR_TP *name = (const SOCKADDR_TP *)(const void *)address;
    struct sockaddr_storage own;
    struct isotp_endpoint from, to;
    int length;

    worker_address(t, 0, &own, &length);
    peer_drop(peer);
    peer->iso = iso_end_new();
    if (!iso_address_read((const SOCKADDR_TP *)(const void *)&own, &from) ||
        !iso_address_read(name, &to))
        blocked("the peer's connect: the address has no NSAP of RFC 1277");
    if (!iso_end_calls(peer->iso, &from, &to, name->tp_addr, name->tp_tsel_len))
        blocked("the peer's connect: %s", iso_end_why(peer->iso));
}

void peer_connects_to(struct spi_test *t,
                      struct peer *peer,
                      const struct sockaddr *address,
                      int length)
{
    if (peer->family == AF_ISO)
        iso_connects_to(t, peer, address);
    else if (connect(peer->socket, address, length) &&
             WSAGetLastError() != WSAEWOULDBLOCK)
        blocked("the peer's connect: %s", system_error());
}

bool peer_is_connected(struct peer *peer, unsigned ms)
{
    return peer->iso ? iso_end_is_connected(peer->iso, ms)
                     : is_ready(peer->socket, true, ms);
}

SOCKET peer_socket(const struct peer *peer)
{
    return peer->iso ? iso_end_socket(peer->iso) : peer->socket;
}

const struct sockaddr *peer_address(const struct peer *peer, int *length)
{
    /* What is filled in here is no part of what the caller may not change. */
    struct peer *known = (struct peer *)(UINT_PTR)peer;
    struct sockaddr_storage system;

    if (!known->address_length) {
        *length = sizeof system;
        if (getsockname(peer_socket(peer), (struct sockaddr *)&system, length))
            blocked("the peer's address: %s", system_error());
        transport_address(peer->family,
                          (struct sockaddr *)&system,
                          &known->address,
                          &known->address_length);
    }
    *length = known->address_length;
    return (struct sockaddr *)&known->address;
}

void peer_sends(struct spi_test *t, struct peer *peer, const void *data, size_t size)
{
    const char *from = data;
    size_t left = size;
    int error;

    (void)t;
    trace_line("peer sends %zu bytes", size);
    if (peer->iso) {
        if (!iso_end_sends(peer->iso, data, size, &error))
            blocked("the peer's send: %s", iso_end_why(peer->iso));
        return;
    }
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

/* Sends what the system takes at once; as peer_tries_to_send. */
static int send_at_once(struct peer *peer, const void *data, size_t size, int *error)
{
    int sent;

    if (peer->iso)
        return iso_end_tries_to_send(peer->iso, data, size, error) ? (int)size : -1;
    sent = send(peer->socket, data, (int)size, 0);
    *error = sent < 0 ? WSAGetLastError() : 0;
    return sent;
}

int peer_tries_to_send(struct peer *peer, const void *data, size_t size, int *error)
{
    int sent = send_at_once(peer, data, size, error);

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
        int sent = send_at_once(peer, block, size, error);

        if (sent > 0) {
            total += (size_t)sent;
            continue;
        }
        if (*error != WSAEWOULDBLOCK)
            break;
        record_wait(patience_ms);
        if (!is_ready(peer_socket(peer), true, patience_ms))
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
    int got = -1;

    (void)t;
    *error = 0;
    if (peer->iso) {
        got = iso_end_receives(peer->iso, buffer, size, error);
    } else if (!is_ready(peer->socket, false, DEFAULT_WAIT_MS)) {
        *error = WSAETIMEDOUT;
        return -1;
    } else {
        got = recv(peer->socket, buffer, (int)size, 0);
        if (got < 0)
            *error = WSAGetLastError();
    }
    trace_line("peer receives -> %d%s%s%s%s",
               got,
               *error ? ", " : "",
               *error ? error_text(*error) : "",
               *error && peer->iso ? ": " : "",
               *error && peer->iso ? iso_end_why(peer->iso) : "");
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

static struct iso_end *iso_of(struct peer *peer)
{
    if (!peer->iso)
        blocked("the peer's protocol carries no disconnect data");
    return peer->iso;
}

void peer_says_farewell(struct spi_test *t,
                        struct peer *peer,
                        const void *data,
                        size_t size)
{
    trace_line("peer disconnects with %zu bytes of data", size);
    if (!iso_end_disconnects(iso_of(peer), data, size))
        blocked("the peer's disconnect: %s", iso_end_why(peer->iso));
    await_end(t, peer);
}

void peer_confirms(struct spi_test *t, struct peer *peer)
{
    (void)t;
    trace_line("peer confirms the disconnect");
    if (!iso_end_confirms(iso_of(peer)))
        blocked("the peer's confirmation: %s", iso_end_why(peer->iso));
}

struct farewell peer_takes_farewell(struct spi_test *t, struct peer *peer)
{
    struct farewell farewell = {.kind = NO_FAREWELL};
    const struct isotp_farewell *said;

    (void)t;
    if (!iso_end_takes_farewell(iso_of(peer))) {
        farewell.why = spi_text("%s", iso_end_why(peer->iso));
        trace_line("peer gets no farewell: %s", farewell.why);
        return farewell;
    }
    said = &peer->iso->transport.farewell;
    farewell.kind = said->kind == ISOTP_DR ? DISCONNECT : CONFIRMATION;
    farewell.size = said->size;
    memcpy(farewell.data, said->data, said->size);
    farewell.why = farewell.kind == DISCONNECT ? "a disconnect" : "a confirmation";
    trace_line("peer gets %s with %zu bytes of data", farewell.why, farewell.size);
    return farewell;
}

void peer_disconnects(struct spi_test *t, const void *data, size_t size)
{
    if (!t->peer)
        blocked("the case has no peer that could disconnect");
    if (t->peer->iso) {
        peer_says_farewell(t, t->peer, data, size);
        return;
    }
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
    if (peer->server)
        iso_server_stop(peer->server);
    peer->server = NULL;
    if (peer->iso)
        iso_end_free(peer->iso);
    peer->iso = NULL;
    if (peer->socket != INVALID_SOCKET)
        closesocket(peer->socket);
    peer->socket = INVALID_SOCKET;
}

void peer_closes(struct spi_test *t, struct peer *peer)
{
    trace_line("peer closes");
    if (peer->iso)
        iso_end_closes(peer->iso);
    peer_drop(peer);
    await_end(t, peer);
}

void peer_resets(struct spi_test *t, struct peer *peer)
{
    static const struct linger hard = {.l_onoff = 1, .l_linger = 0};

    trace_line("peer closes with a reset");
    if (peer->iso)
        iso_end_resets(peer->iso);
    else if (peer->type == SOCK_STREAM)
        setsockopt(
            peer->socket, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard);
    peer_drop(peer);
    await_end(t, peer);
}

struct peer *listening_peer(struct spi_test *t, int backlog)
{
    struct peer *peer;

    if (t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS)
        return peer_new(t, -1);
    peer = peer_new(t, backlog);
    peer_serves(peer);
    return peer;
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

void peers_release(void)
{
    while (peers) {
        struct peer *peer = peers;

        peers = peer->next;
        peer_drop(peer);
        free(peer);
    }
}
