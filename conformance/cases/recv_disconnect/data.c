/* WSPRecvDisconnect: the data that the remote party sent with its disconnect. */
#include "farewell.h"
#include "notice.h"
#include "operation.h"
#include "reception.h"

struct data_row {
    const char *name;
    void (*arrange)(struct spi_test *t);
    learn *learn;
    size_t size;
    unsigned char first; /* the data count up from it */
    bool queued;         /* other data are to be received first */
};

/* clang-format off */
#define NOTICES(pair, arrange, size) \
    {pair ".fd_close_event." #size, arrange, learn_by_event, size, 'a', false}, \
    {pair ".fd_close_message." #size, arrange, learn_by_message, size, 'b', false}, \
    {pair ".receive." #size, arrange, learn_by_receive, size, 'c', false}, \
    {pair ".select." #size, arrange, learn_by_select, size, 'd', false}

static const struct data_row rows[] = {
    NOTICES("connected", connected_pair, 1),
    NOTICES("connected", connected_pair, 2),
    NOTICES("connected", connected_pair, 63),
    NOTICES("connected", connected_pair, 64),
    NOTICES("accepted", accepted_pair, 64),
};

static const struct data_row octet_rows[] = {
    {"from_0", connected_pair, learn_by_receive, 64, 0, false},
    {"from_64", connected_pair, learn_by_receive, 64, 64, false},
    {"from_128", connected_pair, learn_by_receive, 64, 128, false},
    {"from_192", connected_pair, learn_by_receive, 64, 192, false},
};

static const struct data_row drained_rows[] = {
    {"fd_close_event", connected_pair, learn_by_event, 64, 'q', true},
    {"fd_close_message", connected_pair, learn_by_message, 64, 'r', true},
    {"receive", connected_pair, learn_by_receive, 64, 's', true},
    {"select", connected_pair, learn_by_select, 64, 't', true},
    {"accepted.receive", accepted_pair, learn_by_receive, 1, 'u', true},
};

static const struct data_row silent_rows[] = {
    {"fd_close_event", connected_pair, learn_by_event, 0, 0, false},
    {"fd_close_message", connected_pair, learn_by_message, 0, 0, false},
    {"receive", connected_pair, learn_by_receive, 0, 0, false},
    {"drained", connected_pair, learn_by_receive, 0, 0, true},
    {"accepted", accepted_pair, learn_by_receive, 0, 0, false},
};
/* clang-format on */

/* Brings t->s to where the peer's disconnect is known to the client. */
static struct words hear_of_end(struct spi_test *t, const struct data_row *row)
{
    struct words words = make_words(row->first, row->size);

    row->arrange(t);
    if (row->queued)
        queue_data(t);
    peer_disconnects(t, words.text, words.size);
    if (row->queued)
        expect_queued_data(t);
    row->learn(t, t->s);
    return words;
}

/* RD-14, RD-24: however the client has learned of it, the remote party's data are
 * delivered. */
SPI_TABLE(data_delivered,
          struct data_row,
          rows,
          .id = "recv_disconnect.data.delivered",
          .checks = "RD-14 RD-24 RD-2",
          .applies = {WITH_DATA})
{
    struct words words = hear_of_end(t, row);

    expect_words(t, t->s, &words);
}

/* RD-14: every byte value passes. */
SPI_TABLE(data_any_octet,
          struct data_row,
          octet_rows,
          .id = "recv_disconnect.data.any_octet",
          .checks = "RD-14",
          .applies = {WITH_DATA})
{
    struct words words = hear_of_end(t, row);

    expect_words(t, t->s, &words);
}

/* RD-14: data that were sent before the disconnect are received first. */
SPI_TABLE(data_behind_others,
          struct data_row,
          drained_rows,
          .id = "recv_disconnect.data.behind_others",
          .checks = "RD-14 RD-24",
          .applies = {WITH_DATA})
{
    struct words words = hear_of_end(t, row);

    expect_words(t, t->s, &words);
}

/* RD-14, RD-24: who says nothing delivers nothing, and nothing is written. */
SPI_TABLE(data_none,
          struct data_row,
          silent_rows,
          .id = "recv_disconnect.data.none",
          .checks = "RD-14 RD-24",
          .applies = {WITH_DATA})
{
    struct words words = hear_of_end(t, row);

    expect_words(t, t->s, &words);
}

/* RD-14, RD-6: without data a buffer without room is not too small. */
SPI_CASE(data_none_for_no_room,
         .id = "recv_disconnect.data.none_for_no_room",
         .checks = "RD-14 RD-6",
         .applies = {WITH_DATA},
         .arrange = connected_pair)
{
    struct words words = make_words(0, 0);

    peer_disconnects(t, NULL, 0);
    learn_by_select(t, t->s);
    expect_words_tight(t, t->s, &words);
}

struct fit_row {
    const char *name;
    size_t size;
};

static const struct fit_row fit_rows[] = {{"1", 1}, {"2", 2}, {"63", 63}, {"64", 64}};

/* RD-14, RD-6: a buffer with just enough room is not too small. */
SPI_TABLE(data_fits_exactly,
          struct fit_row,
          fit_rows,
          .id = "recv_disconnect.data.fits_exactly",
          .checks = "RD-14 RD-6",
          .applies = {WITH_DATA},
          .arrange = connected_pair)
{
    struct words words = make_words('F', row->size);

    peer_disconnects(t, words.text, words.size);
    learn_by_select(t, t->s);
    expect_words_tight(t, t->s, &words);
}

/* --- Kept until fetched ------------------------------------------------------- */

static void nothing(struct spi_test *t)
{
    (void)t;
}

static void time_passes(struct spi_test *t)
{
    stays_quiet(t, new_event(t), STILL_PENDING_MS);
}

static void peer_goes(struct spi_test *t)
{
    peer_closes(t, t->peer);
}

static void client_receives(struct spi_test *t)
{
    char byte;

    for (int i = 0; i < 3; i++)
        spi_recv(t, t->s, &byte, sizeof byte, 0);
}

static void client_asks(struct spi_test *t)
{
    struct sockaddr_storage name;
    int length = sizeof name;

    spi_get_sock_name(t, t->s, (struct sockaddr *)&name, &length);
    spi_event_select(t, t->s, new_event(t), FD_READ | FD_WRITE | FD_CLOSE);
    spi_set_nonblocking(t, t->s, true);
}

static void client_sends(struct spi_test *t)
{
    SETUP(spi_send(t, t->s, "meanwhile", 9, 0));
}

static void client_ends_sending(struct spi_test *t)
{
    SETUP(spi_shutdown(t, t->s, SD_SEND));
}

static void client_disconnects(struct spi_test *t)
{
    SETUP(spi_send_disconnect(t, t->s, NULL));
}

static void client_ends_receiving(struct spi_test *t)
{
    SETUP(spi_shutdown(t, t->s, SD_RECEIVE));
}

struct meanwhile_row {
    const char *name;
    void (*happens)(struct spi_test *t);
};

static const struct meanwhile_row meanwhile_rows[] = {
    {"nothing", nothing},
    {"time", time_passes},
    {"peer_closes", peer_goes},
    {"receives", client_receives},
    {"questions", client_asks},
    {"send", client_sends},
    {"shutdown_send", client_ends_sending},
    {"shutdown_receive", client_ends_receiving},
    {"send_disconnect", client_disconnects},
};

/* RD-14, RD-27: the data stay until they are fetched, whatever is done between the
 * notice and the call. */
SPI_TABLE(data_kept,
          struct meanwhile_row,
          meanwhile_rows,
          .id = "recv_disconnect.data.kept",
          .checks = "RD-14 RD-27",
          .applies = {WITH_DATA},
          .arrange = connected_pair)
{
    struct words words = make_words('k', 40);

    peer_disconnects(t, words.text, words.size);
    see_end(t, t->s);
    row->happens(t);
    expect_words(t, t->s, &words);
}

/* RD-14: so they do on the nonblocking socket of an event-driven client. */
SPI_CASE(data_nonblocking,
         .id = "recv_disconnect.data.nonblocking",
         .checks = "RD-14",
         .applies = {WITH_DATA},
         .arrange = nonblocking_pair)
{
    struct words words = make_words('n', 20);

    peer_disconnects(t, words.text, words.size);
    learn_by_event(t, t->s);
    expect_words(t, t->s, &words);
}

SPI_SUITE(recv_disconnect_data,
          &data_delivered,
          &data_any_octet,
          &data_behind_others,
          &data_none,
          &data_none_for_no_room,
          &data_fits_exactly,
          &data_kept,
          &data_nonblocking);
