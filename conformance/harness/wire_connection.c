#include "wire_connection.h"

#include "clock.h"
#include "kernel_table.h"
#include "peer.h"
#include "running.h"

/* Between two looks at the kernel's table, in milliseconds. */
#define LOOK_MS 4

static struct {
    struct connection ends;
    bool is_named;
    enum wire_rest rest; /* when it was last waited for */
} connections[2];        /* by role */

void wire_connections_reset(void)
{
    connections[WIRE_SUBJECT].is_named = connections[WIRE_CONTROL].is_named = false;
}

const struct connection *wire_connection_named(enum wire_role role,
                                               const struct peer *peer)
{
    struct connection *ends = &connections[role].ends;
    int local = sizeof ends->local, remote = sizeof ends->remote;
    SOCKET s = peer_socket(peer);

    if (getpeername(s, (struct sockaddr *)&ends->local, &local) ||
        getsockname(s, (struct sockaddr *)&ends->remote, &remote))
        blocked("the addresses of the peer's connection: %s",
                error_text(WSAGetLastError()));
    connections[role].is_named = true;
    return ends;
}

static struct kernel_table *open_table(int family)
{
    struct kernel_table *table = kernel_table_open(family, SOCK_STREAM);

    if (!table)
        blocked("the system has no table of its connections (/proc/net), by which the "
                "network is known to be at rest");
    return table;
}

static bool find(const struct kernel_table *table,
                 const struct sockaddr_storage *from,
                 const struct sockaddr_storage *to,
                 struct kernel_socket *row)
{
    return kernel_table_find(
        table, (const struct sockaddr *)from, (const struct sockaddr *)to, row);
}

/* Whether one end has nothing under way. */
static bool is_quiet(const struct kernel_socket *row)
{
    return !row->send_queue && row->timer != KERNEL_TIMER_RETRANSMIT;
}

/* Where one connection stands; false: something is under way. */
static bool is_at_rest(const struct kernel_table *table,
                       const struct connection *ends,
                       enum wire_rest *rest)
{
    struct kernel_socket peers, ours;

    *rest = WIRE_GONE;
    if (!find(table, &ends->remote, &ends->local, &peers))
        return true;
    *rest = peers.timer == KERNEL_TIMER_PROBE ? WIRE_STALLED : WIRE_ACKNOWLEDGED;
    return (*rest == WIRE_STALLED || is_quiet(&peers)) &&
           (!find(table, &ends->local, &ends->remote, &ours) || is_quiet(&ours));
}

static bool all_at_rest(void)
{
    struct kernel_table *table =
        open_table(connections[WIRE_SUBJECT].ends.local.ss_family);
    bool all = true;

    for (int i = WIRE_SUBJECT; i <= WIRE_CONTROL; ++i)
        if (connections[i].is_named)
            all &= is_at_rest(table, &connections[i].ends, &connections[i].rest);
    kernel_table_close(table);
    return all;
}

void wire_await_rest(struct spi_test *t)
{
    LARGE_INTEGER start = clock_now();

    (void)t;
    while (!all_at_rest()) {
        if (clock_since(start) > DEFAULT_WAIT_MS)
            blocked("the network has not come to rest within %d s",
                    DEFAULT_WAIT_MS / 1000);
        SleepEx(LOOK_MS, FALSE);
    }
}

enum wire_rest wire_rest_of(const struct spi_test *t, enum wire_role role)
{
    (void)t;
    return connections[role].rest;
}

/* Bytes that the system holds for the provider to take. */
static size_t held_for(const struct connection *ends)
{
    struct kernel_table *table = open_table(ends->local.ss_family);
    struct kernel_socket ours;
    bool found = find(table, &ends->local, &ends->remote, &ours);

    kernel_table_close(table);
    return found ? ours.receive_queue : 0;
}

bool wire_is_drained(struct spi_test *t, enum wire_role role, unsigned ms)
{
    LARGE_INTEGER start = clock_now();

    (void)t;
    while (held_for(&connections[role].ends)) {
        if (clock_since(start) > ms)
            return false;
        SleepEx(LOOK_MS, FALSE);
    }
    return true;
}
