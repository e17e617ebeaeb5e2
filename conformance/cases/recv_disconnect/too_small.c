/* WSPRecvDisconnect: a buffer that is too small for the disconnect data. That nothing
 * is written behind its capacity is the harness's check, by a guard page. */
#include "farewell.h"
#include "notice.h"
#include "reception.h"

struct small_row {
    const char *name;
    size_t size;     /* of the data */
    size_t capacity; /* of the buffer */
    bool null;       /* buf is NULL */
};

static const struct small_row rows[] = {
    {"one_byte_short", 40, 39},
    {"one_byte_short_of_2", 2, 1},
    {"one_byte_short_of_most", 64, 63},
    {"half", 64, 32},
    {"1_for_64", 64, 1},
    {"0_for_64", 64, 0},
    {"0_for_1", 1, 0},
    {"null_for_64", 64, 0, .null = true},
    {"null_for_1", 1, 0, .null = true},
};

static WSABUF small_buffer(struct spi_test *t, const struct small_row *row)
{
    WSABUF buffer = guarded_buffer(t, row->capacity);

    if (row->null)
        buffer.buf = NULL;
    return buffer;
}

/* The peer has said this, and the client knows of the end. */
static struct words hear_of_end(struct spi_test *t, size_t size)
{
    struct words words = make_words('A', size);

    peer_disconnects(t, words.text, words.size);
    learn_by_select(t, t->s);
    return words;
}

/* RD-6: every capacity below the length of the data is too small. */
SPI_TABLE(too_small_refused,
          struct small_row,
          rows,
          .id = "recv_disconnect.too_small.refused",
          .checks = "RD-6 RD-3",
          .applies = {WITH_DATA},
          .arrange = connected_pair)
{
    WSABUF buffer = small_buffer(t, row);

    hear_of_end(t, row->size);
    EXPECT_FAILS(recv_disconnect(t, &buffer), WSAEFAULT);
}

/* RD-6, RD-21: on an accepted socket, again and again; then a larger buffer gets the
 * data, whole. */
SPI_TABLE(too_small_then_larger,
          struct small_row,
          rows,
          .id = "recv_disconnect.too_small.then_larger",
          .checks = "RD-6 RD-21 RD-14",
          .applies = {WITH_DATA},
          .arrange = accepted_pair)
{
    struct words words = hear_of_end(t, row->size);

    for (int i = 0; i < 3; i++) {
        WSABUF buffer = small_buffer(t, row);

        EXPECT_FAILS(recv_disconnect(t, &buffer), WSAEFAULT);
    }
    expect_words(t, t->s, &words);
}

static void end_still_told(struct spi_test *t)
{
    expect_end(t, t->s);
}

static void sending_works(struct spi_test *t)
{
    char received[8] = "";
    int count, error;

    EXPECT_SUCCEEDS(spi_send(t, t->s, "still", 6, 0));
    count = peer_receives(t, t->peer, received, sizeof received, &error);
    EXPECT_THAT(count == 6,
                ("the peer receives 6 bytes"),
                ("%d, %s", count, count < 0 ? error_text(error) : "no error"));
}

static void event_still_told(struct spi_test *t)
{
    WSAEVENT event = new_event(t);

    EXPECT_SUCCEEDS(spi_event_select(t, t->s, event, FD_CLOSE));
    EXPECT_THAT(await(t, event), ("FD_CLOSE is signalled"), ("no event"));
}

static void answer_works(struct spi_test *t)
{
    struct words reply = make_words('r', 9);

    EXPECT_SUCCEEDS(say(t, t->s, &reply));
    expect_peer_hears(t, t->peer, &reply);
}

struct after_row {
    const char *name;
    void (*expect)(struct spi_test *t);
};

static const struct after_row after_rows[] = {
    {"end_told", end_still_told},
    {"event", event_still_told},
    {"sending", sending_works},
    {"answer", answer_works},
};

/* RD-21: a call that fails for its buffer changes nothing: reception is not ended,
 * sending works, and the data are still there. */
SPI_TABLE(too_small_changes_nothing,
          struct after_row,
          after_rows,
          .id = "recv_disconnect.too_small.changes_nothing",
          .checks = "RD-21 RD-6",
          .applies = {WITH_DATA},
          .arrange = connected_pair)
{
    WSABUF buffer = guarded_buffer(t, 3);
    struct words words = hear_of_end(t, 30);

    EXPECT_FAILS(recv_disconnect(t, &buffer), WSAEFAULT);
    row->expect(t);
    expect_words(t, t->s, &words);
}

/* RD-21: data that the peer had sent before can still be received after the failure.
 * Whether a disconnect behind unread data can be seen already is open. */
SPI_CASE(too_small_keeps_queued_data,
         .id = "recv_disconnect.too_small.keeps_queued_data",
         .checks = "RD-21 RD-23",
         .applies = {WITH_DATA},
         .arrange = connected_pair)
{
    struct words words = make_words('q', 30);
    WSABUF buffer = guarded_buffer(t, 3);
    struct outcome o;

    queue_data(t);
    peer_disconnects(t, words.text, words.size);
    o = recv_disconnect(t, &buffer);
    EXPECT_ONE_OF(o,
                  {WSAEFAULT, "the disconnect behind unread data counts"},
                  {0, "it does not count until they are read"});
    OBSERVED("RD-23",
             "a disconnect behind unread data: %s",
             o.failed ? error_text(o.error) : "not there yet");
    if (!o.failed)
        return;
    expect_queued_data(t);
    expect_end(t, t->s);
    expect_words(t, t->s, &words);
}

SPI_SUITE(recv_disconnect_too_small,
          &too_small_refused,
          &too_small_then_larger,
          &too_small_changes_nothing,
          &too_small_keeps_queued_data);
