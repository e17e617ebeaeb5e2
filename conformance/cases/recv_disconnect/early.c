/* WSPRecvDisconnect: with disconnect data, called before they have come, and called
 * more than once. */
#include "farewell.h"
#include "notice.h"
#include "operation.h"
#include "reception.h"

/* What a further call with a buffer does is open; what it gives is not: these data, or
 * none. */
static void expect_words_or_none(struct spi_test *t,
                                 const char *requirement,
                                 const char *which,
                                 const struct words *words)
{
    static const char *const names[] = {[HEARD_WORDS] = "success with the data",
                                        [HEARD_NOTHING] = "success without data"};
    WSABUF buffer = guarded_buffer(t, MOST_DATA);
    struct outcome o = recv_disconnect(t, &buffer);
    enum heard heard;

    EXPECT_ONE_OF(
        o, {0, "success", NULL}, {WSAENOTCONN, "not connected any more", NULL});
    if (o.failed) {
        OBSERVED(requirement, "%s: %s", which, error_text(o.error));
        return;
    }
    heard = hear(t, &buffer, MOST_DATA, words);
    EXPECT_THAT(heard != HEARD_OTHER,
                ("%s gives the remote party's data or none", which),
                ("it gives something else"));
    if (heard != HEARD_OTHER)
        OBSERVED(requirement, "%s: %s", which, names[heard]);
}

/* --- Before the remote party disconnects --------------------------------------- */

struct early_row {
    const char *name;
    void (*arrange)(struct spi_test *t);
    size_t capacity;
    bool with_buffer;
};

static const struct early_row rows[] = {
    {"idle", connected_pair, MOST_DATA, true},
    {"accepted", accepted_pair, MOST_DATA, true},
    {"nonblocking", nonblocking_pair, MOST_DATA, true},
    {"queued", data_queued, MOST_DATA, true},
    {"no_room", connected_pair, 0, true},
    {"no_buffer", connected_pair, 0, false},
};

/* RD-23, RD-24: too early, there are no data: the call succeeds with none. Whether the
 * data can be had when they have come is open. */
SPI_TABLE(early_then_later,
          struct early_row,
          rows,
          .id = "recv_disconnect.early.then_later",
          .checks = "RD-23 RD-24 RD-25",
          .applies = {WITH_DATA})
{
    struct words words = make_words('e', 33);
    WSABUF buffer = guarded_buffer(t, row->capacity);

    row->arrange(t);
    EXPECT_SUCCEEDS(recv_disconnect(t, row->with_buffer ? &buffer : NULL));
    EXPECT_THAT(guarded_untouched(t, buffer.buf, row->capacity) &&
                    (buffer.len == 0 || buffer.len == row->capacity),
                ("no data: nothing written, len 0 or unchanged"),
                ("something written, or len %lu", buffer.len));
    peer_disconnects(t, words.text, words.size);
    expect_words_or_none(t, "RD-23", "a call when the data have come", &words);
}

/* --- A second call --------------------------------------------------------------- */

/* RD-25: a call after one that has delivered the data gives them again, or none, or
 * fails as the page has it. */
SPI_CASE(early_second_call,
         .id = "recv_disconnect.early.second_call",
         .checks = "RD-25",
         .applies = {WITH_DATA},
         .arrange = connected_pair)
{
    struct words words = make_words('2', 22);

    peer_disconnects(t, words.text, words.size);
    learn_by_select(t, t->s);
    expect_words(t, t->s, &words);
    expect_words_or_none(t, "RD-25", "the second call", &words);
    expect_words_or_none(t, "RD-25", "the third call", &words);
}

/* RD-28, RD-25: a client that does not want the data gets success; whether they are
 * kept for another call is open. */
SPI_CASE(early_not_wanted,
         .id = "recv_disconnect.early.not_wanted",
         .checks = "RD-28 RD-25",
         .applies = {WITH_DATA},
         .arrange = connected_pair)
{
    struct words words = make_words('w', 22);

    peer_disconnects(t, words.text, words.size);
    learn_by_select(t, t->s);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
    expect_words_or_none(t, "RD-28", "a call with a buffer after one without", &words);
}

/* RD-23, RD-13: a further call does not bring reception back. */
SPI_CASE(early_no_reception,
         .id = "recv_disconnect.early.no_reception",
         .checks = "RD-23 RD-13",
         .applies = {WITH_DATA},
         .arrange = nonblocking_pair)
{
    struct words words = make_words('x', 5);
    WSABUF buffer = guarded_buffer(t, MOST_DATA);
    char byte;

    SETUP(recv_disconnect(t, &buffer));
    peer_disconnects(t, words.text, words.size);
    recv_disconnect(t, &buffer);
    EXPECT_FAILS(spi_recv(t, t->s, &byte, sizeof byte, 0), WSAESHUTDOWN);
}

SPI_SUITE(recv_disconnect_early,
          &early_then_later,
          &early_second_call,
          &early_not_wanted,
          &early_no_reception);
