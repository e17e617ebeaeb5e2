/* WSPRecvDisconnect: called again on the same socket. */
#include "operation.h"

/* What happens between the first call and the next. */
enum between { NOTHING, DATA, PEER_ENDS, SENDING_ENDS, BOTH_END };

struct repeat_row {
    const char *name;
    enum between between;
    bool with_buffer; /* for disconnect data */
};

static const struct repeat_row rows[] = {
    {"at_once", NOTHING, false},
    {"with_buffer", NOTHING, true},
    {"after_data", DATA, false},
    {"after_sending_ended", SENDING_ENDS, false},
};

static const struct repeat_row ended_rows[] = {
    {"after_peer_ended", PEER_ENDS, false},
    {"after_peer_ended.with_buffer", PEER_ENDS, true},
    {"after_both_ended", BOTH_END, false},
};

static void make_happen(struct spi_test *t, enum between between)
{
    int error;

    if (between == DATA)
        peer_tries_to_send(t->peer, "late", 4, &error);
    if (between == PEER_ENDS || between == BOTH_END)
        peer_disconnects(t, NULL, 0);
    if (between == SENDING_ENDS || between == BOTH_END)
        SETUP(spi_shutdown(t, t->s, SD_SEND));
}

/* The codes of the page that can fit; the others would be untrue. A datagram socket is
 * never "not connected". */
static void expect_repeatable(struct spi_test *t, const char *which, struct outcome o)
{
    const DWORD flags = t->entry->dwServiceFlags1;
    struct accepted accepted[3] = {{0, "success again", NULL}};
    size_t count = 1;

    if (!(flags & XP1_DISCONNECT_DATA))
        accepted[count++] =
            (struct accepted){WSAENOPROTOOPT, "no disconnect data here", NULL};
    if (!(flags & XP1_CONNECTIONLESS))
        accepted[count++] =
            (struct accepted){WSAENOTCONN, "not connected any more", NULL};
    spi_expect_one_of(t, __FILE__, __LINE__, which, o, accepted, count);
    OBSERVED("RD-25", "%s: %s", which, o.failed ? error_text(o.error) : "success");
}

static void expect_repeats(struct spi_test *t, const struct repeat_row *row)
{
    WSABUF buffer = guarded_buffer(t, 16);
    WSABUF *data = row->with_buffer ? &buffer : NULL;

    SETUP(recv_disconnect(t, NULL));
    make_happen(t, row->between);
    expect_repeatable(t, "the second call", recv_disconnect(t, data));
    expect_repeatable(t, "the third call", recv_disconnect(t, data));
}

/* RD-25: a second and a third call succeed, or fail with a code of the page. */
SPI_TABLE(conforms,
          struct repeat_row,
          rows,
          .id = "recv_disconnect.repeat.conforms",
          .checks = "RD-25",
          .arrange = connected_pair)
{
    expect_repeats(t, row);
}

/* RD-25: so they do when the connection has come to its end in between. */
SPI_TABLE(conforms_after_end,
          struct repeat_row,
          ended_rows,
          .id = "recv_disconnect.repeat.conforms_after_end",
          .checks = "RD-25",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    expect_repeats(t, row);
}

/* RD-25 RD-13: however a further call ends, reception stays disallowed. */
SPI_TABLE(stays_disallowed,
          struct repeat_row,
          rows,
          .id = "recv_disconnect.repeat.stays_disallowed",
          .checks = "RD-25 RD-13",
          .arrange = connected_pair)
{
    struct accepted accepted[3] = {{WSAESHUTDOWN, "refused", NULL}};
    size_t count = row->between == DATA ? tolerate_reset(t, accepted, 1) : 1;
    WSABUF buffer = guarded_buffer(t, 16);

    SETUP(spi_set_nonblocking(t, t->s, true));
    SETUP(recv_disconnect(t, NULL));
    make_happen(t, row->between);
    recv_disconnect(t, row->with_buffer ? &buffer : NULL);
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "a receive after the second call",
                      spi_recv(t, t->s, buffer.buf, buffer.len, 0),
                      accepted,
                      count);
}

SPI_SUITE(recv_disconnect_repeat, &conforms, &conforms_after_end, &stays_disallowed);
