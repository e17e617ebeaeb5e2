/* WSPRecvDisconnect: disconnect data belong to one connection and to one direction of
 * it. */
#include "farewell.h"
#include "notice.h"
#include "reception.h"

enum { MANY = 12 };

struct connection {
    SOCKET s;
    struct peer *peer;
    struct words words;
};

/* Connections of both kinds in turn, each with words of its own. */
static void connect_many(struct spi_test *t, struct connection *all)
{
    for (unsigned i = 0; i < MANY; i++) {
        if (i % 2)
            accept_pair(t, &all[i].s, &all[i].peer);
        else
            connect_pair(t, &all[i].s, &all[i].peer);
        all[i].words = make_words((unsigned char)(20 * i), MOST_DATA - 4 * i);
    }
}

struct order_row {
    const char *name;
    unsigned step; /* from one connection that is asked to the next, modulo MANY */
    bool together; /* all disconnect before any is asked */
};

static const struct order_row order_rows[] = {
    {"one_by_one", 1, false},
    {"together.same_order", 1, true},
    {"together.reverse_order", MANY - 1, true},
    {"together.mixed_order", 5, true},
};

/* RD-14: several connections at once, each with its own data, in any order. */
SPI_TABLE(many_each_its_own,
          struct order_row,
          order_rows,
          .id = "recv_disconnect.many.each_its_own",
          .checks = "RD-14",
          .applies = {WITH_DATA})
{
    struct connection all[MANY];

    connect_many(t, all);
    for (unsigned i = 0; i < MANY && row->together; i++)
        peer_says_farewell(t, all[i].peer, all[i].words.text, all[i].words.size);
    for (unsigned i = 0, k = 0; i < MANY && spi_clean(t);
         i++, k = (k + row->step) % MANY) {
        if (!row->together)
            peer_says_farewell(t, all[k].peer, all[k].words.text, all[k].words.size);
        learn_by_select(t, all[k].s);
        expect_words(t, all[k].s, &all[k].words);
    }
}

/* RD-14, RD-23: data of one connection are never seen on another, which has heard
 * nothing yet, and do not get lost by that either. */
SPI_CASE(many_not_of_others,
         .id = "recv_disconnect.many.not_of_others",
         .checks = "RD-14 RD-23",
         .applies = {WITH_DATA},
         .arrange = two_connected_pairs)
{
    struct words words = make_words('o', MOST_DATA), none = make_words(0, 0);

    peer_disconnects(t, words.text, words.size);
    learn_by_select(t, t->s);
    expect_words(t, t->other, &none);
    expect_words(t, t->s, &words);
}

/* RD-14: data that nobody fetched end with their socket: a later connection does not
 * see them, though it may have its descriptor. */
SPI_CASE(many_lost_with_close,
         .id = "recv_disconnect.many.lost_with_close",
         .checks = "RD-14 RD-18",
         .applies = {WITH_DATA})
{
    struct words words = make_words('l', MOST_DATA), none = make_words(0, 0);

    for (int i = 0; i < 4 && spi_clean(t); i++) {
        connect_pair(t, &t->s, &t->peer);
        peer_disconnects(t, words.text, words.size);
        learn_by_select(t, t->s);
        SETUP(spi_close(t, t->s));
        peer_closes(t, t->peer);
        t->peer = NULL;
        connect_pair(t, &t->other, &t->other_peer);
        peer_says_farewell(t, t->other_peer, NULL, 0);
        learn_by_select(t, t->other);
        expect_words(t, t->other, &none);
    }
}

/* RD-14, RD-22: what one's own side has said is not what the remote party said. */
SPI_CASE(many_not_own,
         .id = "recv_disconnect.many.not_own",
         .checks = "RD-14 RD-22",
         .applies = {WITH_DATA},
         .arrange = connected_pair)
{
    struct words own = make_words('w', MOST_DATA), none = make_words(0, 0);

    SETUP(say(t, t->s, &own));
    expect_words(t, t->s, &none);
    expect_peer_hears(t, t->peer, &own);
}

SPI_SUITE(recv_disconnect_many,
          &many_each_its_own,
          &many_not_of_others,
          &many_lost_with_close,
          &many_not_own);
