/* WSPRecvDisconnect: called before the remote party has disconnected. */
#include "operation.h"

struct early_row {
    const char *name;
    size_t queued;    /* bytes that wait to be received */
    bool with_buffer; /* for disconnect data */
    bool nonblocking;
};

static const struct early_row rows[] = {
    {"idle", 0, false, false},
    {"idle.nonblocking", 0, false, true},
    {"queued", 6, false, false},
    {"queued.nonblocking", 6, false, true},
    {"with_buffer", 0, true, false},
    {"with_buffer.queued", 6, true, false},
};

struct early_call {
    WSABUF buffer;
    bool with_buffer;
};

static struct outcome call_early(struct spi_test *t, void *context)
{
    struct early_call *early = context;

    return recv_disconnect(t, early->with_buffer ? &early->buffer : NULL);
}

/* RD-23: the call does not wait for the remote party: it returns at once, and what it
 * returned is reported. */
SPI_TABLE(returns_at_once_early,
          struct early_row,
          rows,
          .id = "recv_disconnect.before_close.returns_at_once",
          .checks = "RD-23",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = connected_pair)
{
    struct early_call early = {guarded_buffer(t, 16), row->with_buffer};
    struct outcome o;

    if (row->queued)
        peer_sends(t, t->peer, "unread", row->queued);
    if (row->nonblocking)
        SETUP(spi_set_nonblocking(t, t->s, true));
    if (!returns_at_once(t, "WSPRecvDisconnect", call_early, &early, &o))
        return;
    EXPECT_ONE_OF(o,
                  {0, "reception ended without data", NULL},
                  {WSAENOPROTOOPT, "no disconnect data here", NULL});
    OBSERVED("RD-23",
             "before the remote disconnects: %s",
             o.failed ? error_text(o.error) : "success");
}

/* RD-23: the remote party's disconnect afterwards is no trouble: a further call
 * succeeds, or fails with a code of the page that fits. */
SPI_CASE(call_again_after_close,
         .id = "recv_disconnect.before_close.call_again_after_close",
         .checks = "RD-23 RD-25",
         .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
         .arrange = connected_pair)
{
    struct outcome o;

    SETUP(recv_disconnect(t, NULL));
    peer_disconnects(t, NULL, 0);
    o = recv_disconnect(t, NULL);
    EXPECT_ONE_OF(o,
                  {0, "success again", NULL},
                  {WSAENOPROTOOPT, "no disconnect data here", NULL},
                  {WSAENOTCONN, "not connected any more", NULL});
    OBSERVED("RD-23",
             "a further call after the remote's disconnect: %s",
             o.failed ? error_text(o.error) : "success");
}

SPI_SUITE(recv_disconnect_before_close,
          &returns_at_once_early,
          &call_again_after_close);
