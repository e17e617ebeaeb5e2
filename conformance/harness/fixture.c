/* Fixtures: what is true when a body begins. */
#include "kernel_table.h"
#include "peer.h"
#include "running.h"

#include <string.h>

static bool is_connectionless(const struct spi_test *t)
{
    return t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS;
}

static void demand_connections(struct spi_test *t)
{
    if (is_connectionless(t))
        blocked("the fixture is for connection-oriented entries");
}

static SOCKET new_socket(struct spi_test *t)
{
    return SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;
}

static SOCKET new_bound_socket(struct spi_test *t)
{
    struct sockaddr_storage address;
    SOCKET s;
    int length;

    worker_address(t, 0, &address, &length);
    s = new_socket(t);
    SETUP(spi_bind(t, s, (struct sockaddr *)&address, length));
    return s;
}

static SOCKET new_listening_socket(struct spi_test *t)
{
    SOCKET s;

    demand_connections(t);
    s = new_bound_socket(t);
    SETUP(spi_listen(t, s, 5));
    return s;
}

void fresh_socket(struct spi_test *t)
{
    t->s = new_socket(t);
}

void bound_socket(struct spi_test *t)
{
    t->s = new_bound_socket(t);
}

void listening_socket(struct spi_test *t)
{
    t->s = t->listener = new_listening_socket(t);
}

unsigned short local_port(struct spi_test *t, SOCKET s)
{
    struct sockaddr_storage address;
    int length = sizeof address;

    SETUP(spi_get_sock_name(t, s, (struct sockaddr *)&address, &length));
    return port_of((struct sockaddr *)&address);
}

/* Connects s, by WSPConnect, to the peer's address. */
static void connect_to(struct spi_test *t, SOCKET s, const struct peer *peer)
{
    int length;
    const struct sockaddr *address = peer_address(peer, &length);

    SETUP(spi_connect(t, s, address, length));
}

static void connect_datagrams(struct spi_test *t, SOCKET *s, struct peer **peer)
{
    struct sockaddr_storage address;
    int length;

    *peer = peer_new(t, -1);
    *s = new_bound_socket(t);
    connect_to(t, *s, *peer);
    worker_address(t, local_port(t, *s), &address, &length);
    peer_connects_to(t, *peer, (struct sockaddr *)&address, length);
}

void connect_pair(struct spi_test *t, SOCKET *s, struct peer **peer)
{
    struct peer *listener;

    if (is_connectionless(t)) {
        connect_datagrams(t, s, peer);
        return;
    }
    listener = listening_peer(t, 1);
    *s = new_bound_socket(t);
    connect_to(t, *s, listener);
    *peer = peer_accepted(t, listener);
    peer_drop(listener);
}

struct peer *peer_connects(struct spi_test *t, SOCKET listener)
{
    struct peer *peer = peer_new(t, -1);
    struct sockaddr_storage address;
    int length;

    worker_address(t, local_port(t, listener), &address, &length);
    peer_connects_to(t, peer, (struct sockaddr *)&address, length);
    return peer;
}

static void accept_from(struct spi_test *t, SOCKET listener, SOCKET *s, struct peer **p)
{
    *p = peer_connects(t, listener);
    *s = SETUP(spi_accept(t, listener, NULL, NULL, NULL, NULL)).socket;
    if (!peer_is_connected(*p, DEFAULT_WAIT_MS))
        blocked("the peer's connect did not complete");
}

void accept_pair(struct spi_test *t, SOCKET *s, struct peer **peer)
{
    if (is_connectionless(t))
        connect_datagrams(t, s, peer);
    else
        accept_from(t, new_listening_socket(t), s, peer);
}

void connected_pair(struct spi_test *t)
{
    connect_pair(t, &t->s, &t->peer);
}

void accepted_pair(struct spi_test *t)
{
    if (is_connectionless(t)) {
        connected_pair(t);
        return;
    }
    t->listener = new_listening_socket(t);
    accept_from(t, t->listener, &t->s, &t->peer);
}

struct call {
    struct spi_test *t;
    SOCKET s;
    struct sockaddr_storage to;
    int length;
};

static void make_call(void *context)
{
    struct call *call = context;
    struct spi_test *t = call->t;

    SETUP(spi_connect(t, call->s, (struct sockaddr *)&call->to, call->length));
}

void self_to_self(struct spi_test *t)
{
    static struct call call;
    struct helper *helper;

    t->listener = new_listening_socket(t);
    t->s = new_bound_socket(t);
    call = (struct call){.t = t, .s = t->s};
    worker_address(t, local_port(t, t->listener), &call.to, &call.length);
    helper = start_helper(t, make_call, &call);
    await_readable(t, t->listener);
    t->other = SETUP(spi_accept(t, t->listener, NULL, NULL, NULL, NULL)).socket;
    if (!helper_ends(t, helper, DEFAULT_WAIT_MS))
        blocked("WSPConnect has not returned although WSPAccept has");
}

void two_connected_pairs(struct spi_test *t)
{
    connect_pair(t, &t->s, &t->peer);
    connect_pair(t, &t->other, &t->other_peer);
}

struct queue_search {
    const struct sockaddr *address;
    size_t waiting;
};

static bool find_queue(void *context, const struct kernel_socket *row)
{
    struct queue_search *search = context;

    if (row->state != KERNEL_LISTEN || !kernel_socket_is_at(row, search->address))
        return true;
    search->waiting = row->receive_queue;
    return false;
}

/* A queue of length 0 holds one connection; from then on the system leaves SYNs without
 * an answer. The kernel's table says when that is so. */
static void fill_queue(struct spi_test *t, struct peer *listener)
{
    struct queue_search search = {0};
    int length;

    search.address = peer_address(listener, &length);
    /* Where the peer itself answers calls nobody does until it is told to. */
    if (t->entry->iAddressFamily == AF_ISO)
        return;
    while (!search.waiting) {
        struct peer *filler = peer_new(t, -1);

        peer_connects_to(t, filler, search.address, length);
        if (!peer_is_connected(filler, DEFAULT_WAIT_MS))
            blocked("the far listener's queue cannot be filled");
        if (!kernel_table_each(
                t->entry->iAddressFamily, SOCK_STREAM, find_queue, &search))
            blocked("no way to see whether the far listener's queue is full");
    }
}

void full_listener(struct spi_test *t, struct sockaddr_storage *address, int *length)
{
    const struct sockaddr *name;
    struct peer *listener;

    demand_connections(t);
    listener = peer_new(t, 0);
    fill_queue(t, listener);
    name = peer_address(listener, length);
    memcpy(address, name, (size_t)*length);
}

void connect_pending(struct spi_test *t)
{
    struct sockaddr_storage address;
    struct outcome connected;
    int length;

    full_listener(t, &address, &length);
    t->s = new_bound_socket(t);
    SETUP(spi_set_nonblocking(t, t->s, true));
    connected = spi_connect(t, t->s, (struct sockaddr *)&address, length);
    if (!connected.failed || connected.error != WSAEWOULDBLOCK)
        blocked("a nonblocking WSPConnect to a full queue: expected WSAEWOULDBLOCK, "
                "observed %s",
                connected.failed ? error_text(connected.error) : "success");
}

/* The port is taken, so that nobody else listens there, but it does not listen. */
void connect_refused(struct spi_test *t)
{
    const struct sockaddr *address;
    struct outcome connected;
    int length;

    demand_connections(t);
    address = peer_address(peer_new(t, -1), &length);
    t->s = new_bound_socket(t);
    connected = spi_connect(t, t->s, address, length);
    if (!connected.failed)
        blocked("WSPConnect to a port without listener succeeded");
}
