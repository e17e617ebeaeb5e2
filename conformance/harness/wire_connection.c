#include "wire_connection.h"

#include "clock.h"
#include "kernel_table.h"
#include "peer.h"
#include "record.h"
#include "running.h"

/* Between two looks at the kernel's table, in milliseconds. A look costs the kernel
 * about 5 ms, since it walks the hash table of all its namespaces. Linux puts an
 * acknowledgement off for 40 ms, a probe of a window for 200 ms. */
#define LOOK_MS 10
#define LOOK_FOR_ACKNOWLEDGEMENT_MS 40
#define LOOK_FOR_PROBE_MS 60

static struct watched {
    struct connection ends;
    bool is_named;
    enum wire_rest rest; /* when it was last looked at */
    bool is_drained;     /* nothing waited for the provider then */
    size_t held_back;    /* bytes, by the peer, when it first was stalled */
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
    connections[role].rest = WIRE_UNDER_WAY;
    connections[role].held_back = 0;
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

/* The window of a peer that is stalled may have room left for a part of what comes
 * next. The system sends that part when it probes the window for the first time. */
static enum wire_rest stalled(struct watched *one, const struct kernel_socket *peers)
{
    if (!one->held_back)
        one->held_back = peers->send_queue;
    return peers->probes || peers->send_queue < one->held_back ? WIRE_SHUT
                                                               : WIRE_STALLED;
}

static enum wire_rest look_at(const struct kernel_table *table, struct watched *one)
{
    const struct connection *ends = &one->ends;
    struct kernel_socket peers, ours;
    bool have_ours = find(table, &ends->local, &ends->remote, &ours);

    one->is_drained = !have_ours || !ours.receive_queue;
    if (!find(table, &ends->remote, &ends->local, &peers))
        return WIRE_GONE;
    if (have_ours && !is_quiet(&ours))
        return WIRE_UNDER_WAY;
    if (peers.timer == KERNEL_TIMER_PROBE)
        return one->rest == WIRE_SHUT ? WIRE_SHUT : stalled(one, &peers);
    return is_quiet(&peers) ? WIRE_ACKNOWLEDGED : WIRE_UNDER_WAY;
}

/* All of them, in one table. */
static void look(void)
{
    struct kernel_table *table =
        open_table(connections[WIRE_SUBJECT].ends.local.ss_family);

    for (int i = WIRE_SUBJECT; i <= WIRE_CONTROL; ++i)
        if (connections[i].is_named)
            connections[i].rest = look_at(table, &connections[i]);
    kernel_table_close(table);
}

static bool any_is(enum wire_rest state)
{
    bool any = false;

    for (int i = WIRE_SUBJECT; i <= WIRE_CONTROL; ++i)
        any |= connections[i].is_named && connections[i].rest == state;
    return any;
}

static bool all_drained(void)
{
    bool all = true;

    for (int i = WIRE_SUBJECT; i <= WIRE_CONTROL; ++i)
        all &= !connections[i].is_named || connections[i].is_drained;
    return all;
}

/* None of them is in this state, nor under way. */
static void await_none(enum wire_rest state, unsigned pause_ms)
{
    LARGE_INTEGER start = clock_now();

    for (look(); any_is(state) || any_is(WIRE_UNDER_WAY); look()) {
        if (clock_since(start) > DEFAULT_WAIT_MS)
            blocked("the network has not come to rest within %d s",
                    DEFAULT_WAIT_MS / 1000);
        SleepEx(pause_ms, FALSE);
    }
    record_wait(clock_since(start));
}

void wire_await_rest(struct spi_test *t)
{
    (void)t;
    await_none(WIRE_UNDER_WAY, LOOK_FOR_ACKNOWLEDGEMENT_MS);
}

void wire_await_shut(struct spi_test *t)
{
    (void)t;
    await_none(WIRE_STALLED, LOOK_FOR_PROBE_MS);
}

bool wire_await_drained(struct spi_test *t, unsigned ms)
{
    LARGE_INTEGER start = clock_now();

    (void)t;
    for (look(); !all_drained(); look()) {
        if (clock_since(start) > ms)
            break;
        SleepEx(LOOK_MS, FALSE);
    }
    if (any_is(WIRE_UNDER_WAY))
        wire_await_rest(t);
    return all_drained();
}

enum wire_rest wire_rest_of(const struct spi_test *t, enum wire_role role)
{
    (void)t;
    return connections[role].rest;
}

size_t
wire_await_queue(struct spi_test *t, unsigned short port, size_t more_than, unsigned ms)
{
    LARGE_INTEGER start = clock_now();
    size_t held;

    while ((held = kernel_receive_queue(t, port)) <= more_than &&
           clock_since(start) < ms)
        SleepEx(LOOK_MS, FALSE);
    return held;
}
