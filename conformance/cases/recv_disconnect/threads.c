/* WSPRecvDisconnect: threads do not disturb each other. */
#include "operation.h"

static const char news[] = "for the other";

/* --- A thread that waits on another socket -------------------------------------------
 */

struct elsewhere {
    char buffer[64];
};

static struct outcome recv_elsewhere(struct spi_test *t, void *context)
{
    struct elsewhere *elsewhere = context;

    return spi_recv(t, t->other, elsewhere->buffer, sizeof elsewhere->buffer, 0);
}

static struct outcome peek_elsewhere(struct spi_test *t, void *context)
{
    struct elsewhere *elsewhere = context;

    return spi_recv(t, t->other, elsewhere->buffer, sizeof elsewhere->buffer, MSG_PEEK);
}

static struct outcome select_elsewhere(struct spi_test *t, void *context)
{
    struct elsewhere *elsewhere = context;
    fd_set readable;
    struct outcome o;

    FD_ZERO(&readable);
    FD_SET(t->other, &readable);
    o = spi_select(t, &readable, NULL, NULL, NULL);
    if (o.failed)
        return o;
    return spi_recv(t, t->other, elsewhere->buffer, sizeof elsewhere->buffer, 0);
}

struct elsewhere_row {
    const char *name;
    provider_call *wait;
};

static const struct elsewhere_row elsewhere_rows[] = {
    {"recv", recv_elsewhere},
    {"peek", peek_elsewhere},
    {"select", select_elsewhere},
};

static struct outcome call_here(struct spi_test *t, void *context)
{
    (void)context;
    return recv_disconnect(t, NULL);
}

/* The call succeeds while another thread waits on another socket. Both operations must
 * live until that wait is over. */
static void expect_succeeds_meanwhile(struct spi_test *t,
                                      struct operation *calling,
                                      struct operation *waiting)
{
    operation_start(t, calling, call_here, NULL);
    if (operation_ends(calling, AT_ONCE_MS))
        EXPECT_SUCCEEDS(calling->outcome);
    else
        EXPECT_THAT(
            false,
            ("WSPRecvDisconnect to return while another thread waits on another "
             "socket"),
            ("that it had not after %d ms", AT_ONCE_MS));
    EXPECT_THAT(!operation_ends(waiting, 0),
                ("the other thread to go on waiting"),
                ("that its wait has ended"));
}

/* RD-30: while another thread waits on another socket the call is not WSAEINPROGRESS,
 * and that wait goes on and ends by what it waits for. */
SPI_TABLE(wait_elsewhere,
          struct elsewhere_row,
          elsewhere_rows,
          .id = "recv_disconnect.threads.wait_elsewhere",
          .checks = "RD-30",
          .arrange = two_connected_pairs)
{
    static struct elsewhere elsewhere;
    struct operation waiting, calling;
    bool ended;

    memset(&elsewhere, 0, sizeof elsewhere);
    operation_start(t, &waiting, row->wait, &elsewhere);
    await_blocked(t, waiting.helper);
    expect_succeeds_meanwhile(t, &calling, &waiting);
    peer_sends(t, t->other_peer, news, sizeof news);
    ended = operation_ends(&waiting, AT_ONCE_MS);
    EXPECT_THAT(ended,
                ("its wait to end when data come"),
                ("that it goes on after %d ms", AT_ONCE_MS));
    operation_ends(&calling, AT_ONCE_MS);
    if (!ended)
        return;
    EXPECT_SUCCEEDS(waiting.outcome);
    EXPECT_BYTES(elsewhere.buffer, news, sizeof news);
}

static struct outcome accept_elsewhere(struct spi_test *t, void *context)
{
    (void)context;
    return spi_accept(t, t->listener, NULL, NULL, NULL, NULL);
}

/* RD-30: so it is while another thread waits in WSPAccept. */
SPI_CASE(accept_elsewhere_goes_on,
         .id = "recv_disconnect.threads.accept_elsewhere",
         .checks = "RD-30",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = accepted_pair)
{
    struct operation waiting, calling;
    bool ended;

    operation_start(t, &waiting, accept_elsewhere, NULL);
    await_blocked(t, waiting.helper);
    expect_succeeds_meanwhile(t, &calling, &waiting);
    peer_connects(t, t->listener);
    ended = operation_ends(&waiting, AT_ONCE_MS);
    EXPECT_THAT(ended,
                ("its wait to end with the next connection"),
                ("that it goes on after %d ms", AT_ONCE_MS));
    operation_ends(&calling, AT_ONCE_MS);
    if (ended)
        EXPECT_SUCCEEDS(waiting.outcome);
}

/* --- Two threads on one socket
 * -------------------------------------------------------- */

enum { BATCH = 50 };

/* Sockets that are connected (to one peer) before the racing starts,
 * for nothing may end the case while a racer runs. */
struct batch {
    SOCKET s[BATCH];
    struct target target;
};

static void connect_batch(struct spi_test *t, struct batch *batch)
{
    struct outcome o = {0};
    struct sockaddr_storage own;
    int length;

    worker_address(t, 0, &own, &length);
    for (int i = 0; i < BATCH; i++) {
        batch->s[i] = SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;
        SETUP(spi_bind(t, batch->s[i], (struct sockaddr *)&own, length));
    }
    batch->target = open_target(t, BATCH);
    for (int i = 0; i < BATCH && !o.failed; i++)
        o = spi_connect(t, batch->s[i], (struct sockaddr *)&batch->target.name, length);
    SETUP(o);
}

/* A thread that makes one call when it is told to, as close to that moment as can be.
 */
struct racer {
    struct spi_test *t;
    struct helper *helper;
    volatile LONG round;    /* to call in; negative: to end */
    volatile LONG finished; /* the last round whose outcome is there */
    SOCKET s;
    struct outcome outcome;
};

static void race(void *context)
{
    struct racer *racer = context;
    LONG round;

    while ((round = racer->round) >= 0) {
        if (round == racer->finished) {
            SwitchToThread();
            continue;
        }
        racer->outcome = spi_recv_disconnect(racer->t, racer->s, NULL);
        InterlockedExchange(&racer->finished, round);
    }
}

static void racer_starts(struct spi_test *t, struct racer *racer)
{
    *racer = (struct racer){.t = t};
    racer->helper = start_helper(t, race, racer);
}

static void racer_goes(struct racer *racer, SOCKET s)
{
    racer->s = s;
    InterlockedIncrement(&racer->round);
}

static bool racer_finishes(struct racer *racer)
{
    ULONGLONG end = GetTickCount64() + AT_ONCE_MS;

    while (racer->finished != racer->round) {
        if (GetTickCount64() > end)
            return false;
        SwitchToThread();
    }
    return true;
}

static void racer_ends(struct spi_test *t, struct racer *racer)
{
    InterlockedExchange(&racer->round, -1);
    EXPECT_THAT(helper_ends(t, racer->helper, AT_ONCE_MS),
                ("the thread to return from WSPRecvDisconnect"),
                ("that it has not"));
}

static void expect_repeated(struct spi_test *t, struct outcome o)
{
    EXPECT_ONE_OF(o,
                  {0, "success", NULL},
                  {WSAENOPROTOOPT, "no disconnect data here", NULL},
                  {WSAENOTCONN, "not connected any more", NULL});
}

/* Calls here and on the racer's thread; false: that one has not returned. */
static bool call_together(struct spi_test *t, struct racer *racer, SOCKET s)
{
    struct outcome own;

    racer_goes(racer, s);
    own = spi_recv_disconnect(t, s, NULL);
    if (!racer_finishes(racer))
        return false;
    EXPECT_THAT(!own.failed || !racer->outcome.failed,
                ("one of two calls at the same time to succeed"),
                ("%s and %s", error_text(own.error), error_text(racer->outcome.error)));
    expect_repeated(t, own);
    expect_repeated(t, racer->outcome);
    return true;
}

/* RD-30: of two threads that call at the same time at least one succeeds, the other
 * does or is a repeated call; reception has ended. */
SPI_CASE(two_callers,
         .id = "recv_disconnect.threads.two_callers",
         .checks = "RD-30 RD-25 RD-13",
         .limit_ms = 30000)
{
    static struct racer racer;
    static struct batch batch;
    int called = 0;
    char byte;

    connect_batch(t, &batch);
    racer_starts(t, &racer);
    while (called < BATCH && spi_clean(t) && call_together(t, &racer, batch.s[called]))
        called++;
    racer_ends(t, &racer);
    peer_closes(t, batch.target.peer);
    for (int i = 0; i < called && spi_clean(t); i++) {
        SETUP(spi_set_nonblocking(t, batch.s[i], true));
        EXPECT_FAILS(spi_recv(t, batch.s[i], &byte, 1, 0), WSAESHUTDOWN);
    }
}

/* Passes a moment that differs from round to round, so that the close falls before,
 * into and behind the call. */
static void vary(int round)
{
    for (volatile int i = 0; i < round % 32 * 64; i++)
        YieldProcessor();
}

/* What a call may be that a close overtakes: it was in time, the descriptor was none
 * any more, or the connection was. */
static bool in_time_or_too_late(const struct spi_test *t, struct outcome o)
{
    bool datagram = t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS;

    if (!o.failed)
        return o.result == 0;
    return o.error == WSAENOTSOCK || (o.error == WSAENOTCONN && !datagram);
}

/* The racer calls and we close; false: it has not returned. However the threads are
 * scheduled, a call now and then is in time. */
static bool call_and_close(struct spi_test *t, struct racer *racer, SOCKET s, int round)
{
    bool in_time = round % 25 == 0;

    racer_goes(racer, s);
    if (in_time && !racer_finishes(racer))
        return false;
    vary(round);
    EXPECT_SUCCEEDS(spi_close(t, s));
    return in_time || racer_finishes(racer);
}

/* Gives how many calls were in time. */
static int race_batch(struct spi_test *t, struct batch *batch)
{
    static struct racer racer;
    int succeeded = 0;

    racer_starts(t, &racer);
    for (int i = 0; i < BATCH && spi_clean(t); i++) {
        if (!call_and_close(t, &racer, batch->s[i], i))
            break;
        EXPECT_THAT(in_time_or_too_late(t, racer.outcome),
                    ("success, WSAENOTSOCK or WSAENOTCONN"),
                    ("round %d: %d, %s",
                     i + 1,
                     racer.outcome.result,
                     error_text(racer.outcome.error)));
        succeeded += !racer.outcome.failed;
    }
    racer_ends(t, &racer);
    return succeeded;
}

/* RD-30: a close in another thread makes the call fail properly or lets it succeed;
 * nothing hangs, and nothing is left over. Not with IFS handles: the system may give
 * the value of a closed one to anything else at once, so that the late call could meet
 * a handle of ours. (Nor does Wine 8.0 survive it: its server uses a socket that it has
 * freed, and crashes once in some ten thousand rounds.) */
SPI_CASE(close_races,
         .id = "recv_disconnect.threads.close_races",
         .checks = "RD-30 RD-12 RD-18",
         .applies = {.has_not = XP1_IFS_HANDLES},
         .limit_ms = 60000)
{
    enum { FEWEST = 3 * BATCH };
    static struct batch batch;
    unsigned before = 0, after;
    int succeeded = 0, wanted = rounds(t, 1000);
    int count = wanted < FEWEST ? FEWEST : wanted;

    for (int i = 0; i < count / BATCH && spi_clean(t); i++) {
        connect_batch(t, &batch);
        succeeded += race_batch(t, &batch);
        peer_closes(t, batch.target.peer);
        /* By the second batch everything exists that is made only once. */
        if (i == 1)
            before = process_handles(t);
    }
    after = process_handles(t);
    OBSERVED("RD-30", "%d of %d calls were in time", succeeded, count);
    /* A batch may still be on its way down. */
    EXPECT_THAT(after < before + (unsigned)count / 4 + BATCH,
                ("about %u handles at the end", before),
                ("%u handles", after));
}

SPI_SUITE(recv_disconnect_threads,
          &wait_elsewhere,
          &accept_elsewhere_goes_on,
          &two_callers,
          &close_races);
