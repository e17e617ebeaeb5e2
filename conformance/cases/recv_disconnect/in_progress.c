/* WSPRecvDisconnect: called inside the blocking callback, while the thread waits in
 * another call. The outer call is made on a helper thread, since a provider that never
 * asks for the callback really blocks it. */
#include "operation.h"
#include "reception.h"

/* What the outer call waits for, once it comes. */
static const char awaited[] = "what the outer call waits for";

/* What is sent while nobody reads, again and again until there is no room. */
static char bulk[64 << 10];

/* How long a call that must end may take, in milliseconds: a connection attempt may
 * have to repeat its request, which takes seconds. */
#define LONG_WAIT_MS 5000

struct nesting;

/* An outer call: what it is made on, how it is made and what lets it end. */
struct outer {
    void (*arrange)(struct spi_test *t, struct nesting *nesting);
    struct outcome (*call)(struct spi_test *t, struct nesting *nesting);
    void (*finish)(struct spi_test *t, struct nesting *nesting);
    bool unconnected; /* the socket that it waits on is not connected */
    bool receives;    /* it waits for reception on a connected socket */
    bool delivers;    /* and hands over what came */
};

struct row {
    const char *name;
    const struct outer *outer;
    bool on_same_socket; /* the nested call is about the socket that is waited on */
    bool finishes;       /* the outer call finishes; otherwise it is cancelled */
};

struct nesting {
    struct spi_test *t;
    const struct row *row;
    SOCKET waiting;    /* the socket that the outer call waits on */
    SOCKET other;      /* a connected one beside it */
    struct peer *peer; /* the far end of `waiting`, if it is connected */
    struct peer *other_peer;
    struct sockaddr_storage address; /* to which the outer call connects */
    int length;
    unsigned queries; /* for the blocking callback, before the outer call */
    HANDLE nested;    /* signalled when the nested call has returned */
    struct outcome inner;
    char received[sizeof awaited];
};

/* --- Inside ----------------------------------------------------------------- */

static BOOL blocking_callback(void *context)
{
    struct nesting *nesting = context;
    struct spi_test *t = nesting->t;
    const struct row *row = nesting->row;

    if (!nesting->inner.function) {
        nesting->inner = spi_recv_disconnect(
            t, row->on_same_socket ? nesting->waiting : nesting->other, NULL);
        if (!row->finishes)
            spi_cancel_blocking_call(t);
        SetEvent(nesting->nested);
    }
    return row->finishes;
}

static struct outcome call_outer(struct spi_test *t, void *context)
{
    struct nesting *nesting = context;

    set_blocking_callback(t, blocking_callback, nesting);
    return nesting->row->outer->call(t, nesting);
}

/* --- Outer calls ------------------------------------------------------------ */

static void wait_on_pair(struct spi_test *t, struct nesting *nesting)
{
    connect_pair(t, &nesting->waiting, &nesting->peer);
}

static void data_come(struct spi_test *t, struct nesting *nesting)
{
    peer_sends(t, nesting->peer, awaited, sizeof awaited);
}

static struct outcome receive(struct spi_test *t, struct nesting *nesting)
{
    return spi_recv(
        t, nesting->waiting, nesting->received, sizeof nesting->received, 0);
}

static struct outcome receive_from(struct spi_test *t, struct nesting *nesting)
{
    return spi_recv_from(
        t, nesting->waiting, nesting->received, sizeof nesting->received, 0);
}

static struct outcome select_readable(struct spi_test *t, struct nesting *nesting)
{
    fd_set readable;

    FD_ZERO(&readable);
    FD_SET(nesting->waiting, &readable);
    return spi_select(t, &readable, NULL, NULL, NULL);
}

static void wait_on_listener(struct spi_test *t, struct nesting *nesting)
{
    listening_socket(t);
    nesting->waiting = t->listener;
}

static struct outcome accept_connection(struct spi_test *t, struct nesting *nesting)
{
    return spi_accept(t, nesting->waiting, NULL, NULL, NULL, NULL);
}

static void connection_comes(struct spi_test *t, struct nesting *nesting)
{
    nesting->peer = peer_connects(t, nesting->waiting);
}

static void wait_on_full_listener(struct spi_test *t, struct nesting *nesting)
{
    full_listener(t, &nesting->address, &nesting->length);
    nesting->waiting = SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;
}

static struct outcome connect_to_listener(struct spi_test *t, struct nesting *nesting)
{
    return spi_connect(t,
                       nesting->waiting,
                       (const struct sockaddr *)&nesting->address,
                       nesting->length);
}

/* Closing the socket ends what it is in the middle of; to accept would take the second
 * until the request is repeated. */
static void socket_closes(struct spi_test *t, struct nesting *nesting)
{
    spi_close(t, nesting->waiting);
}

/* Nobody reads, and the way is full: the next call has to wait. */
static void wait_on_full_pair(struct spi_test *t, struct nesting *nesting)
{
    struct outcome o;

    wait_on_pair(t, nesting);
    SETUP(spi_set_nonblocking(t, nesting->waiting, true));
    do
        o = spi_send(t, nesting->waiting, bulk, sizeof bulk, 0);
    while (!o.failed);
    if (o.error != WSAEWOULDBLOCK)
        BLOCKED("the sending side does not fill: %s", error_text(o.error));
    SETUP(spi_set_nonblocking(t, nesting->waiting, false));
}

/* The system may still make room for some. */
static struct outcome send_more(struct spi_test *t, struct nesting *nesting)
{
    struct outcome o;
    int sends = 0;

    do
        o = spi_send(t, nesting->waiting, bulk, sizeof bulk, 0);
    while (!o.failed && ++sends < 1024);
    return o;
}

static void connection_breaks(struct spi_test *t, struct nesting *nesting)
{
    peer_resets(t, nesting->peer);
}

static const struct outer recv_call = {
    wait_on_pair, receive, data_come, .receives = true, .delivers = true};
static const struct outer recv_from_call = {
    wait_on_pair, receive_from, data_come, .receives = true, .delivers = true};
static const struct outer select_call = {
    wait_on_pair, select_readable, data_come, .receives = true};
static const struct outer accept_call = {
    wait_on_listener, accept_connection, connection_comes, .unconnected = true};
static const struct outer connect_call = {
    wait_on_full_listener, connect_to_listener, socket_closes, .unconnected = true};
static const struct outer send_call = {wait_on_full_pair, send_more, connection_breaks};

/* --- The nested call -------------------------------------------------------- */

/* Lets the outer call end although nothing was nested, and ends the case. */
static _Noreturn void
not_exercised(struct nesting *nesting, struct operation *operation, const char *reason)
{
    struct spi_test *t = nesting->t;

    nesting->row->outer->finish(t, nesting);
    if (!operation_ends(operation, LONG_WAIT_MS))
        BLOCKED("%s, and the outer call does not end", reason);
    BLOCKED("%s: not exercised", reason);
}

/* Returns when the nested call has been made. */
static void await_nested(struct nesting *nesting, struct operation *operation)
{
    struct spi_test *t = nesting->t;

    if (await_for(t, nesting->nested, AT_ONCE_MS / 20))
        return;
    await_blocked(t, operation->helper);
    /* A thread that is not scheduled looks like one that waits. */
    if (asks_for_blocking_callback(t) && await(t, nesting->nested))
        return;
    if (blocking_callback_queries(t) == nesting->queries)
        not_exercised(
            nesting, operation, "the provider never asked for the blocking callback");
    if (!await(t, nesting->nested))
        not_exercised(
            nesting,
            operation,
            "the provider asked for the blocking callback and did not call it");
}

static void expect_inner(struct spi_test *t, const struct nesting *nesting, bool nests)
{
    const bool connectionless = t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS;
    struct accepted accepted[4] = {{WSAEINPROGRESS, "nested calls are refused"}};
    size_t count = 1;

    if (nesting->row->on_same_socket && nesting->row->outer->unconnected)
        accepted[count++] = (struct accepted){WSAENOTCONN, "not connected"};
    else if (nests)
        accepted[count++] = (struct accepted){0, "nested calls are allowed"};
    if (connectionless)
        accepted[count++] =
            (struct accepted){WSAENOPROTOOPT, "not for connectionless protocols"};
    spi_expect_one_of(
        t, __FILE__, __LINE__, "nested call", nesting->inner, accepted, count);
}

/* The outer call ended as it would have without the nested one; unless that one has
 * ended the very reception that the outer call waited for. */
static void
expect_outer(struct spi_test *t, const struct nesting *nesting, struct outcome outer)
{
    const struct row *row = nesting->row;

    if (row->on_same_socket && row->outer->receives && !nesting->inner.failed) {
        OBSERVED("RD-26",
                 "%s in progress ended with %s",
                 outer.function,
                 outer.failed ? error_text(outer.error) : "success");
        return;
    }
    if (row->finishes)
        EXPECT_SUCCEEDS(outer);
    else
        EXPECT_FAILS(outer, WSAEINTR);
    if (!row->finishes || !row->outer->delivers || outer.failed)
        return;
    EXPECT_THAT(outer.bytes == sizeof awaited,
                ("%u bytes received", (unsigned)sizeof awaited),
                ("%lu bytes received", outer.bytes));
    EXPECT_BYTES(nesting->received, awaited, sizeof awaited);
}

/* `nests`: nested calls may be allowed. */
static void nest(struct spi_test *t, const struct row *row, bool nests)
{
    struct nesting nesting = {.t = t, .row = row, .nested = new_event(t)};
    struct operation operation;
    bool ended;

    row->outer->arrange(t, &nesting);
    connect_pair(t, &nesting.other, &nesting.other_peer);
    nesting.queries = blocking_callback_queries(t);
    operation_start(t, &operation, call_outer, &nesting);
    await_nested(&nesting, &operation);
    if (row->finishes)
        row->outer->finish(t, &nesting);
    ended = operation_ends(&operation, LONG_WAIT_MS);
    expect_inner(t, &nesting, nests);
    EXPECT_THAT(
        ended, ("the outer call ends"), ("it has not ended after %d ms", LONG_WAIT_MS));
    if (!ended)
        return;
    expect_outer(t, &nesting, operation.outcome);
    if (nesting.inner.failed)
        expect_reception(t, nesting.other, nesting.other_peer);
}

static const struct row rows[] = {
    {"recv_cancelled_same_socket", &recv_call, .on_same_socket = true},
    {"recv_cancelled", &recv_call},
    {"recv_finishes", &recv_call, .finishes = true},
    {"recv_from_cancelled_same_socket", &recv_from_call, .on_same_socket = true},
    {"recv_from_finishes", &recv_from_call, .finishes = true},
    {"select_cancelled_same_socket", &select_call, .on_same_socket = true},
    {"select_finishes", &select_call, .finishes = true},
};

static const struct row connection_rows[] = {
    {"accept_cancelled_same_socket", &accept_call, .on_same_socket = true},
    {"accept_finishes", &accept_call, .finishes = true},
    {"connect_cancelled_same_socket", &connect_call, .on_same_socket = true},
    {"connect_cancelled", &connect_call},
    {"send_cancelled_same_socket", &send_call, .on_same_socket = true},
    {"send_cancelled", &send_call},
};

/* RD-8: from version 2.0 on a nested call may be refused or allowed; the outer call
 * does not suffer from it. */
SPI_TABLE(in_progress_nested,
          struct row,
          rows,
          .id = "recv_disconnect.in_progress.nested",
          .checks = "RD-8 RD-21")
{
    nest(t, row, true);
}

SPI_TABLE(in_progress_nested_connection,
          struct row,
          connection_rows,
          .id = "recv_disconnect.in_progress.nested_while_connecting_or_sending",
          .checks = "RD-8 RD-21",
          .applies = {.orientation = CONNECTION_ORIENTED})
{
    nest(t, row, true);
}

/* RD-8: below version 2.0 nested calls are refused. */
SPI_TABLE(in_progress_refused,
          struct row,
          rows,
          .id = "recv_disconnect.in_progress.refused_by_1_1",
          .checks = "RD-8 RD-21",
          .applies = {.version = 0x0101})
{
    nest(t, row, false);
}

SPI_TABLE(
    in_progress_refused_connection,
    struct row,
    connection_rows,
    .id = "recv_disconnect.in_progress.refused_by_1_1_while_connecting_or_sending",
    .checks = "RD-8 RD-21",
    .applies = {.orientation = CONNECTION_ORIENTED, .version = 0x0101})
{
    nest(t, row, false);
}

SPI_SUITE(recv_disconnect_in_progress,
          &in_progress_nested,
          &in_progress_nested_connection,
          &in_progress_refused,
          &in_progress_refused_connection);
