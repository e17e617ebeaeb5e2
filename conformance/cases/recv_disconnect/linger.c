/* WSPRecvDisconnect: it never blocks. */
#include "operation.h"

enum linger_setting { LINGER_OFF, LINGER_HARD, LINGER_30_S, DONT_LINGER };

/* What there is to wait for, if a provider waited. */
enum traffic { IDLE, QUEUED, UNSENT };

struct linger_row {
    const char *name;
    enum linger_setting linger;
    enum traffic traffic;
    bool nonblocking;
};

static void set_linger(struct spi_test *t, enum linger_setting setting)
{
    static const struct linger values[] = {
        [LINGER_OFF] = {0, 0}, [LINGER_HARD] = {1, 0}, [LINGER_30_S] = {1, 30}};
    const BOOL dont = TRUE;

    if (setting == DONT_LINGER)
        SETUP(spi_set_option(t, t->s, SOL_SOCKET, SO_DONTLINGER, &dont, sizeof dont));
    else
        SETUP(spi_set_option(
            t, t->s, SOL_SOCKET, SO_LINGER, &values[setting], sizeof(struct linger)));
}

static void leave_unsent(struct spi_test *t)
{
    struct outcome o;

    SETUP(spi_set_nonblocking(t, t->s, true));
    o = fill_sending_side(t);
    if (o.error != WSAEWOULDBLOCK)
        BLOCKED("the sending side does not fill: %s", error_text(o.error));
    SETUP(spi_set_nonblocking(t, t->s, false));
}

static void make_traffic(struct spi_test *t, enum traffic traffic)
{
    if (traffic == QUEUED) {
        peer_sends(t, t->peer, "unread", 6);
        await_readable(t, t->s);
    }
    if (traffic == UNSENT)
        leave_unsent(t);
}

/* What the call did to the thread that made it. */
struct witness {
    volatile bool apc_ran;
    bool apc_ran_inside;
    unsigned queries;
    unsigned calls;
};

static BOOL keep_waiting(void *context)
{
    (void)context;
    return TRUE;
}

static struct outcome witnessed_call(struct spi_test *t, void *context)
{
    struct witness *witness = context;
    unsigned queries, calls;
    struct outcome o;

    set_blocking_callback(t, keep_waiting, NULL);
    queries = blocking_callback_queries(t);
    calls = blocking_callback_calls(t);
    queue_own_apc(t, &witness->apc_ran);
    o = recv_disconnect(t, NULL);
    witness->apc_ran_inside = witness->apc_ran;
    witness->queries = blocking_callback_queries(t) - queries;
    witness->calls = blocking_callback_calls(t) - calls;
    return o;
}

static void expect_no_wait(struct spi_test *t, const struct linger_row *row)
{
    struct witness witness = {0};
    struct outcome o;

    make_traffic(t, row->traffic);
    if (row->nonblocking)
        SETUP(spi_set_nonblocking(t, t->s, true));
    if (!returns_at_once(t, "WSPRecvDisconnect", witnessed_call, &witness, &o))
        return;
    /* Else the close at the end of the case would linger. */
    if (row->traffic == UNSENT)
        peer_resets(t, t->peer);
    SETUP(o);
    EXPECT_THAT(!witness.apc_ran_inside,
                ("no APC of the client to run inside the call"),
                ("that one ran, so the provider waited"));
    EXPECT_THAT(witness.queries == 0 && witness.calls == 0,
                ("the blocking callback to be neither asked for nor called"),
                ("that it was asked for %u times and called %u times",
                 witness.queries,
                 witness.calls));
}

/* clang-format off */
#define BOTH_MODES(setting, linger, name, traffic) \
    {setting "." name ".blocking", linger, traffic, false}, \
    {setting "." name ".nonblocking", linger, traffic, true}
#define ALL_TRAFFIC(setting, linger) \
    BOTH_MODES(setting, linger, "idle", IDLE), \
    BOTH_MODES(setting, linger, "queued", QUEUED), \
    BOTH_MODES(setting, linger, "unsent", UNSENT)

static const struct linger_row stream_rows[] = {
    ALL_TRAFFIC("off", LINGER_OFF),
    ALL_TRAFFIC("hard", LINGER_HARD),
    ALL_TRAFFIC("30_s", LINGER_30_S),
    ALL_TRAFFIC("dont_linger", DONT_LINGER),
};

static const struct linger_row datagram_rows[] = {
    BOTH_MODES("default", LINGER_OFF, "idle", IDLE),
    BOTH_MODES("default", LINGER_OFF, "queued", QUEUED),
};
/* clang-format on */

/* RD-19: the call does not block, whatever SO_LINGER says and whatever is unsent or
 * unread. */
SPI_TABLE(never_blocks,
          struct linger_row,
          stream_rows,
          .id = "recv_disconnect.linger.never_blocks",
          .checks = "RD-19",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = connected_pair)
{
    set_linger(t, row->linger);
    expect_no_wait(t, row);
}

/* RD-19: nor does it on datagram sockets, which do not linger. */
SPI_TABLE(never_blocks_datagram,
          struct linger_row,
          datagram_rows,
          .id = "recv_disconnect.linger.never_blocks_datagram",
          .checks = "RD-19",
          .applies = {.orientation = CONNECTIONLESS},
          .arrange = connected_pair)
{
    expect_no_wait(t, row);
}

SPI_SUITE(recv_disconnect_linger, &never_blocks, &never_blocks_datagram);
