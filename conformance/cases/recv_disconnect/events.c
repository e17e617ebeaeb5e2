/* WSPRecvDisconnect: the ways to learn that the circuit is closed, and network events
 * afterwards. */
#include "notice.h"
#include "operation.h"

/* --- Learning of the close, then calling
 * ----------------------------------------------- */

struct notice_row {
    const char *name;
    learn *learn; /* of a close that has begun */
    bool queued;  /* data have to be read first */
};

static void drain(struct spi_test *t)
{
    char byte;

    SETUP(spi_recv(t, t->s, &byte, 1, 0));
}

static const struct notice_row notice_rows[] = {
    {"fd_close_event", learn_by_event, false},
    {"fd_close_event.queued", learn_by_event, true},
    {"fd_close_message", learn_by_message, false},
    {"fd_close_message.queued", learn_by_message, true},
    {"receive", learn_by_receive, false},
    {"receive.queued", learn_by_receive, true},
    {"select", learn_by_select, false},
};

/* RD-27 RD-2: however the client has learned of the graceful close, the call then
 * succeeds. */
SPI_TABLE(succeeds_after,
          struct notice_row,
          notice_rows,
          .id = "recv_disconnect.events.succeeds_after",
          .checks = "RD-27 RD-2",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    if (row->queued)
        peer_sends(t, t->peer, "!", 1);
    peer_disconnects(t, NULL, 0);
    if (row->queued)
        drain(t);
    row->learn(t, t->s);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

static void expect_ended_or_not(struct spi_test *t)
{
    struct outcome o = recv_disconnect(t, NULL);

    EXPECT_ONE_OF(
        o, {0, "reception ended", NULL}, {WSAENOTCONN, "not connected any more", NULL});
    OBSERVED("RD-27", "%s", o.failed ? error_text(o.error) : "success");
}

/* RD-27 RD-4: after an FD_CLOSE that tells of a reset the call succeeds or finds the
 * socket not connected. */
SPI_CASE(after_reset_event,
         .id = "recv_disconnect.events.after_reset.fd_close_event",
         .checks = "RD-27 RD-4",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    WSAEVENT event = new_event(t);

    SETUP(spi_event_select(t, t->s, event, FD_CLOSE));
    peer_resets(t, t->peer);
    if (!await(t, event))
        BLOCKED("FD_CLOSE does not signal the event");
    expect_ended_or_not(t);
}

/* RD-27 RD-4: the same by window message. */
SPI_CASE(after_reset_message,
         .id = "recv_disconnect.events.after_reset.fd_close_message",
         .checks = "RD-27 RD-4",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    HWND window = new_window(t);
    LPARAM lparam = 0;
    WPARAM wparam = 0;

    SETUP(spi_async_select(t, t->s, window, WM_USER, FD_CLOSE));
    peer_resets(t, t->peer);
    if (!await_message(t, window, WM_USER, AT_ONCE_MS, &wparam, &lparam))
        BLOCKED("FD_CLOSE posts no message");
    expect_ended_or_not(t);
}

/* --- Events after the call
 * ---------------------------------------------------------------- */

/* What happens after reception has ended; the pages do not say whether it is told. */
struct after_row {
    const char *name;
    long mask;
    bool queued;      /* data wait unread when reception ends */
    bool before_call; /* the events are selected before the call, not behind */
};

static const struct after_row close_rows[] = {
    {"selected_before", FD_CLOSE, false, true},
    {"selected_before.queued", FD_CLOSE, true, true},
    {"selected_after", FD_CLOSE, false, false},
    {"selected_after.queued", FD_CLOSE, true, false},
};

static const struct after_row read_rows[] = {
    {"selected_before", FD_READ, false, true},
    {"selected_after", FD_READ, false, false},
    {"selected_after.queued", FD_READ, true, false},
};

/* A graceful FD_CLOSE has code 0; the others are those of its pages. */
static bool is_close_code(int code)
{
    return code == 0 || code == WSAECONNRESET || code == WSAECONNABORTED;
}

static void observe_event(struct spi_test *t,
                          const struct after_row *row,
                          WSAEVENT event,
                          const char *name,
                          int bit)
{
    WSANETWORKEVENTS events = {0};

    if (stays_quiet(t, event, STILL_PENDING_MS)) {
        OBSERVED("RD-27", "no %s within %d ms", name, STILL_PENDING_MS);
        return;
    }
    EXPECT_SUCCEEDS(spi_enum_network_events(t, t->s, event, &events));
    EXPECT_THAT(events.lNetworkEvents == row->mask,
                ("%s only, which was selected", name),
                ("events 0x%lx", events.lNetworkEvents));
    if (events.lNetworkEvents != row->mask)
        return;
    EXPECT_THAT(is_close_code(events.iErrorCode[bit]),
                ("code 0, or that of a reset"),
                ("%s", error_text(events.iErrorCode[bit])));
    OBSERVED("RD-27",
             "%s with code %s",
             name,
             events.iErrorCode[bit] ? error_text(events.iErrorCode[bit]) : "0");
}

static void end_reception(struct spi_test *t, const struct after_row *row)
{
    if (row->queued) {
        peer_sends(t, t->peer, "unread", 6);
        await_readable(t, t->s);
    }
    SETUP(recv_disconnect(t, NULL));
}

/* RD-27: whether FD_CLOSE is recorded after the call is open, the more so while data
 * are unread; if it is, it is as its page says. */
SPI_TABLE(close_recorded,
          struct after_row,
          close_rows,
          .id = "recv_disconnect.events.close_recorded",
          .checks = "RD-27",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    WSAEVENT event = new_event(t);

    if (row->before_call)
        SETUP(spi_event_select(t, t->s, event, row->mask));
    end_reception(t, row);
    if (!row->before_call)
        SETUP(spi_event_select(t, t->s, event, row->mask));
    peer_disconnects(t, NULL, 0);
    observe_event(t, row, event, "FD_CLOSE", FD_CLOSE_BIT);
}

/* RD-27: the same by window message; and there is at most one. */
SPI_TABLE(close_posted,
          struct after_row,
          close_rows,
          .id = "recv_disconnect.events.close_posted",
          .checks = "RD-27",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    HWND window = new_window(t);
    LPARAM lparam = 0;
    WPARAM wparam = 0;

    if (row->before_call)
        SETUP(spi_async_select(t, t->s, window, WM_USER, row->mask));
    end_reception(t, row);
    if (!row->before_call)
        SETUP(spi_async_select(t, t->s, window, WM_USER, row->mask));
    peer_disconnects(t, NULL, 0);
    if (!await_message(t, window, WM_USER, STILL_PENDING_MS, &wparam, &lparam)) {
        OBSERVED("RD-27", "no FD_CLOSE within %d ms", STILL_PENDING_MS);
        return;
    }
    EXPECT_THAT(wparam == t->s && WSAGETSELECTEVENT(lparam) == FD_CLOSE,
                ("FD_CLOSE for the socket"),
                ("event 0x%x", WSAGETSELECTEVENT(lparam)));
    EXPECT_THAT(is_close_code(WSAGETSELECTERROR(lparam)),
                ("code 0, or that of a reset"),
                ("%s", error_text(WSAGETSELECTERROR(lparam))));
    EXPECT_THAT(!await_message(t, window, WM_USER, 0, &wparam, &lparam),
                ("one message"),
                ("another one"));
    OBSERVED("RD-27", "FD_CLOSE with code %d", WSAGETSELECTERROR(lparam));
}

/* RD-27: whether FD_READ is recorded for data that cannot be received any more is open;
 * a receive fails all the same. */
SPI_TABLE(read_recorded,
          struct after_row,
          read_rows,
          .id = "recv_disconnect.events.read_recorded",
          .checks = "RD-27 RD-13",
          .arrange = connected_pair)
{
    struct accepted accepted[3] = {{WSAESHUTDOWN, "refused", NULL}};
    size_t count = tolerate_reset(t, accepted, 1);
    WSAEVENT event = new_event(t);
    int error;
    char byte;

    if (row->before_call)
        SETUP(spi_event_select(t, t->s, event, row->mask));
    end_reception(t, row);
    if (!row->before_call)
        SETUP(spi_event_select(t, t->s, event, row->mask));
    peer_tries_to_send(t->peer, "late", 4, &error);
    observe_event(t, row, event, "FD_READ", FD_READ_BIT);
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "a receive after that",
                      spi_recv(t, t->s, &byte, 1, 0),
                      accepted,
                      count);
}

SPI_SUITE(recv_disconnect_events,
          &succeeds_after,
          &after_reset_event,
          &after_reset_message,
          &close_recorded,
          &close_posted,
          &read_recorded);
