/* WSPRecvDisconnect: what becomes of receives that are pending when reception ends. */
#include "operation.h"

static const char news[] = "late news";

enum { MOST = 3 };

/* A receive that waits for data. */
struct pending {
    const struct pending_kind *kind;
    WSABUF buffer;
    struct operation operation;   /* blocked in a thread */
    WSAOVERLAPPED *overlapped;    /* overlapped */
    struct completion completion; /* overlapped with a routine */
    struct outcome outcome;       /* once it has ended */
};

struct pending_kind {
    void (*start)(struct spi_test *t, struct pending *pending);
    /* Whether it has ended, or does so within `ms`; fills in the outcome. */
    bool (*ends)(struct spi_test *t, struct pending *pending, unsigned ms);
};

/* --- A thread blocked in a receive --------------------------------------------------
 */

static struct outcome recv_here(struct spi_test *t, void *context)
{
    struct pending *pending = context;

    return spi_recv(t, t->s, pending->buffer.buf, pending->buffer.len, 0);
}

static struct outcome recv_from_here(struct spi_test *t, void *context)
{
    struct pending *pending = context;

    return spi_recv_from(t, t->s, pending->buffer.buf, pending->buffer.len, 0);
}

static void
start_in_thread(struct spi_test *t, struct pending *pending, provider_call *call)
{
    operation_start(t, &pending->operation, call, pending);
    await_blocked(t, pending->operation.helper);
}

static void start_recv(struct spi_test *t, struct pending *pending)
{
    start_in_thread(t, pending, recv_here);
}

static void start_recv_from(struct spi_test *t, struct pending *pending)
{
    start_in_thread(t, pending, recv_from_here);
}

static bool thread_ends(struct spi_test *t, struct pending *pending, unsigned ms)
{
    (void)t;
    if (operation_goes_on(&pending->operation, ms))
        return false;
    pending->outcome = pending->operation.outcome;
    return true;
}

/* --- An overlapped receive ----------------------------------------------------------
 */

static void require_pending(struct spi_test *t, struct outcome o)
{
    if (!o.failed || o.error != WSA_IO_PENDING)
        BLOCKED("%s does not stay pending: %s",
                o.function,
                o.failed ? error_text(o.error) : "success");
}

static void start_event(struct spi_test *t, struct pending *pending)
{
    pending->overlapped = new_overlapped(t, true);
    require_pending(
        t,
        spi_recv_buffers(t, t->s, &pending->buffer, 1, 0, pending->overlapped, NULL));
}

static void start_from_event(struct spi_test *t, struct pending *pending)
{
    pending->overlapped = new_overlapped(t, true);
    require_pending(t,
                    spi_recv_from_buffers(
                        t, t->s, &pending->buffer, 1, 0, pending->overlapped, NULL));
}

static bool event_ends(struct spi_test *t, struct pending *pending, unsigned ms)
{
    if (stays_quiet(t, pending->overlapped->hEvent, ms))
        return false;
    pending->outcome = spi_get_overlapped_result(t, t->s, pending->overlapped, FALSE);
    /* A closed socket cannot be asked any more; what it would have said is documented.
     */
    if (pending->outcome.failed && pending->outcome.error == WSAENOTSOCK)
        pending->outcome.error = WSA_OPERATION_ABORTED;
    return true;
}

static void start_routine(struct spi_test *t, struct pending *pending)
{
    pending->overlapped = new_overlapped_with(t, &pending->completion);
    require_pending(
        t,
        spi_recv_buffers(
            t, t->s, &pending->buffer, 1, 0, pending->overlapped, completion_routine));
}

static bool routine_ends(struct spi_test *t, struct pending *pending, unsigned ms)
{
    if (stays_quiet(t, pending->completion.done, ms))
        return false;
    pending->outcome = (struct outcome){.function = "the completion routine",
                                        .failed = pending->completion.error != 0,
                                        .error = (int)pending->completion.error,
                                        .bytes = pending->completion.bytes};
    return true;
}

/* --- The claim -------------------------------------------------------------------- */

static const struct pending_kind blocked_recv = {start_recv, thread_ends};
static const struct pending_kind blocked_recv_from = {start_recv_from, thread_ends};
static const struct pending_kind overlapped_event = {start_event, event_ends};
static const struct pending_kind overlapped_from_event = {start_from_event, event_ends};
static const struct pending_kind overlapped_routine = {start_routine, routine_ends};

struct pending_row {
    const char *name;
    const struct pending_kind *kind;
    int count;
};

static const struct pending_row rows[] = {
    {"blocked_recv", &blocked_recv, 1},
    {"blocked_recv_from", &blocked_recv_from, 1},
    {"two_blocked_recv", &blocked_recv, 2},
    {"overlapped_event", &overlapped_event, 1},
    {"overlapped_from_event", &overlapped_from_event, 1},
    {"overlapped_routine", &overlapped_routine, 1},
    {"three_overlapped_event", &overlapped_event, MOST},
    {"three_overlapped_routine", &overlapped_routine, MOST},
};

/* Waits for all that have not ended yet; gives how many still are pending. */
static int wait_for_all(struct spi_test *t,
                        struct pending *pending,
                        int count,
                        unsigned ms,
                        const char *cause)
{
    int left = 0;

    for (int i = 0; i < count; i++) {
        struct outcome *o = &pending[i].outcome;

        if (o->function)
            continue;
        if (!pending[i].kind->ends(t, &pending[i], left ? 0 : ms)) {
            left++;
            continue;
        }
        OBSERVED("RD-26",
                 "receive %d of %d ended %s: %s, %lu bytes",
                 i + 1,
                 count,
                 cause,
                 o->failed ? error_text(o->error) : "success",
                 (unsigned long)(o->failed ? 0 : o->bytes));
    }
    return left;
}

static struct outcome call_here(struct spi_test *t, void *context)
{
    (void)context;
    return recv_disconnect(t, NULL);
}

/* Ends reception, without waiting for whoever is in the middle of it; false: it has not
 * returned. If it fails, nothing must keep waiting when the case is given up. */
static bool end_reception(struct spi_test *t)
{
    struct outcome o;

    if (!returns_at_once(t, "WSPRecvDisconnect", call_here, NULL, &o))
        return false;
    if (o.failed)
        spi_close(t, t->s);
    SETUP(o);
    return true;
}

/* Either an error; or, for those that outlasted the call, what the peer sent. */
static void expect_sane_end(struct spi_test *t, const struct pending *pending)
{
    const struct outcome o = pending->outcome;

    EXPECT_THAT(!o.failed || (o.error != ERRNO_POISON && o.error != 0),
                ("a code with a receive that fails"),
                ("%s failed with %s", o.function, error_text(o.error)));
    /* A stream may hand over several of them together. */
    EXPECT_THAT(o.failed || o.bytes <= MOST * sizeof news,
                ("at most what the peer sent"),
                ("%lu bytes", (unsigned long)o.bytes));
    if (!o.failed)
        EXPECT_BYTES(
            pending->buffer.buf, news, o.bytes < sizeof news ? o.bytes : sizeof news);
}

static void
start_all(struct spi_test *t, struct pending *pending, const struct pending_row *row)
{
    memset(pending, 0, MOST * sizeof *pending);
    for (int i = 0; i < row->count; i++) {
        pending[i].kind = row->kind;
        pending[i].buffer = guarded_buffer(t, 64);
        row->kind->start(t, &pending[i]);
    }
}

/* Waits, then helps by data, then by closing; gives how many are pending even so. */
static int end_all(struct spi_test *t, struct pending *pending, int count)
{
    int left = wait_for_all(t, pending, count, STILL_PENDING_MS, "by the call");
    int error;

    for (int i = 0; i < left; i++)
        peer_tries_to_send(t->peer, news, sizeof news, &error);
    if (left)
        left = wait_for_all(
            t, pending, count, STILL_PENDING_MS, "only by data that came later");
    if (!left)
        return 0;
    SETUP(spi_close(t, t->s));
    return wait_for_all(t, pending, count, AT_ONCE_MS, "only by WSPCloseSocket");
}

/* RD-26: pages do not say how a receive ends that is pending when reception does, but
 * it does not hang: it ends by the call, or by data that come later, or by
 * WSPCloseSocket as any pending receive. */
SPI_TABLE(never_hangs,
          struct pending_row,
          rows,
          .id = "recv_disconnect.pending.never_hangs",
          .checks = "RD-26",
          .arrange = connected_pair)
{
    static struct pending pending[MOST];
    int left;

    start_all(t, pending, row);
    if (!end_reception(t))
        return;
    left = end_all(t, pending, row->count);
    EXPECT_THAT(left == 0,
                ("every receive to end, at the latest when the socket is closed"),
                ("%d of %d still pending", left, row->count));
    for (int i = 0; i < row->count; i++)
        if (pending[i].outcome.function)
            expect_sane_end(t, &pending[i]);
}

/* --- WSPSelect -------------------------------------------------------------------- */

static struct outcome select_here(struct spi_test *t, void *context)
{
    const struct timeval patience = {0, 4 * STILL_PENDING_MS * 1000};
    fd_set readable;

    (void)context;
    FD_ZERO(&readable);
    FD_SET(t->s, &readable);
    return spi_select(t, &readable, NULL, NULL, &patience);
}

/* RD-26: a thread that waits for readability in WSPSelect does not hang either: the
 * socket turns readable, or the time-out ends the wait. */
SPI_CASE(select_never_hangs,
         .id = "recv_disconnect.pending.select_never_hangs",
         .checks = "RD-26",
         .arrange = connected_pair)
{
    struct operation selecting;
    const char *cause = "by the call";
    bool ended;
    int error;

    operation_start(t, &selecting, select_here, NULL);
    await_blocked(t, selecting.helper);
    if (!end_reception(t))
        return;
    ended = !operation_goes_on(&selecting, STILL_PENDING_MS);
    if (!ended) {
        peer_tries_to_send(t->peer, news, sizeof news, &error);
        cause = "by data that came later, or its time-out";
        ended = operation_ends(&selecting, AT_ONCE_MS);
    }
    EXPECT_THAT(ended,
                ("WSPSelect to return, at the latest when its time is over"),
                ("that it had not after %d ms", AT_ONCE_MS));
    if (!ended)
        return;
    EXPECT_SUCCEEDS(selecting.outcome);
    OBSERVED(
        "RD-26", "WSPSelect ended %s: %d readable", cause, selecting.outcome.result);
}

SPI_SUITE(recv_disconnect_pending, &never_hangs, &select_never_hangs);
