/* WSPRecvDisconnect: the documented exchange of disconnect data. The initiator says A,
 * the other side hears it and answers B, the initiator hears that. */
#include "farewell.h"
#include "notice.h"
#include "operation.h"
#include "reception.h"

struct exchange_row {
    const char *name;
    void (*arrange)(struct spi_test *t);
    learn *learn;
    size_t a, b; /* sizes of the data, 0: none */
};

/* clang-format off */
#define EXCHANGES(pair, arrange) \
    {pair ".fd_close_event", arrange, learn_by_event, 64, 64}, \
    {pair ".fd_close_message", arrange, learn_by_message, 64, 63}, \
    {pair ".receive", arrange, learn_by_receive, 63, 64}, \
    {pair ".select", arrange, learn_by_select, 1, 2}, \
    {pair ".only_a", arrange, learn_by_receive, 64, 0}, \
    {pair ".only_b", arrange, learn_by_receive, 0, 64}, \
    {pair ".neither", arrange, learn_by_receive, 0, 0}

static const struct exchange_row rows[] = {
    EXCHANGES("connected", connected_pair),
    EXCHANGES("accepted", accepted_pair),
};
/* clang-format on */

static struct words words_a(const struct exchange_row *row)
{
    return make_words('A', row->a);
}

static struct words words_b(const struct exchange_row *row)
{
    return make_words(0xB0, row->b);
}

/* RD-22, RD-14: the peer begins: the provider's client hears A, says B after
 * WSPRecvDisconnect and closes at once; B arrives all the same. */
SPI_TABLE(exchange_peer_begins,
          struct exchange_row,
          rows,
          .id = "recv_disconnect.exchange.peer_begins",
          .checks = "RD-22 RD-14",
          .applies = {GRACEFUL_WITH_DATA})
{
    struct words a = words_a(row), b = words_b(row);

    row->arrange(t);
    peer_disconnects(t, a.text, a.size);
    row->learn(t, t->s);
    expect_words(t, t->s, &a);
    EXPECT_SUCCEEDS(say(t, t->s, &b));
    EXPECT_SUCCEEDS(spi_close(t, t->s));
    expect_peer_hears(t, t->peer, &b);
}

/* RD-22, RD-14: the provider's client begins: the peer hears A, says B and closes at
 * once; the client learns of it and hears B. */
SPI_TABLE(exchange_provider_begins,
          struct exchange_row,
          rows,
          .id = "recv_disconnect.exchange.provider_begins",
          .checks = "RD-22 RD-14",
          .applies = {GRACEFUL_WITH_DATA})
{
    struct words a = words_a(row), b = words_b(row);

    row->arrange(t);
    EXPECT_SUCCEEDS(say(t, t->s, &a));
    expect_peer_hears(t, t->peer, &a);
    if (b.size)
        peer_says_farewell(t, t->peer, b.text, b.size);
    else
        peer_confirms(t, t->peer);
    peer_closes(t, t->peer);
    row->learn(t, t->s);
    expect_words(t, t->s, &b);
    EXPECT_SUCCEEDS(spi_close(t, t->s));
}

/* --- Both ends are the provider's ----------------------------------------------- */

static void exchange_between(struct spi_test *t,
                             const struct exchange_row *row,
                             SOCKET initiator,
                             SOCKET responder)
{
    struct words a = words_a(row), b = words_b(row);

    EXPECT_SUCCEEDS(say(t, initiator, &a));
    row->learn(t, responder);
    expect_words(t, responder, &a);
    EXPECT_SUCCEEDS(say(t, responder, &b));
    EXPECT_SUCCEEDS(spi_close(t, responder));
    row->learn(t, initiator);
    expect_words(t, initiator, &b);
    EXPECT_SUCCEEDS(spi_close(t, initiator));
}

static const struct exchange_row self_rows[] = {
    {"fd_close_event", self_to_self, learn_by_event, 64, 64},
    {"fd_close_message", self_to_self, learn_by_message, 64, 63},
    {"receive", self_to_self, learn_by_receive, 63, 64},
    {"select", self_to_self, learn_by_select, 1, 2},
    {"only_a", self_to_self, learn_by_receive, 64, 0},
    {"only_b", self_to_self, learn_by_receive, 0, 64},
    {"neither", self_to_self, learn_by_receive, 0, 0},
};

/* RD-22, RD-14: the caller begins. */
SPI_TABLE(exchange_self_caller_begins,
          struct exchange_row,
          self_rows,
          .id = "recv_disconnect.exchange.self_caller_begins",
          .checks = "RD-22 RD-14",
          .applies = {GRACEFUL_WITH_DATA})
{
    row->arrange(t);
    exchange_between(t, row, t->s, t->other);
}

/* RD-22, RD-14: the callee begins. */
SPI_TABLE(exchange_self_callee_begins,
          struct exchange_row,
          self_rows,
          .id = "recv_disconnect.exchange.self_callee_begins",
          .checks = "RD-22 RD-14",
          .applies = {GRACEFUL_WITH_DATA})
{
    row->arrange(t);
    exchange_between(t, row, t->other, t->s);
}

/* --- Variations ------------------------------------------------------------------ */

/* RD-22: what the other side sends before its answer still reaches the initiator, whose
 * WSPSendDisconnect has ended its sending only. */
SPI_CASE(exchange_data_before_answer,
         .id = "recv_disconnect.exchange.data_before_answer",
         .checks = "RD-22 RD-14",
         .applies = {GRACEFUL_WITH_DATA},
         .arrange = connected_pair)
{
    struct words a = make_words('A', 10), b = make_words(0xB0, 20);

    EXPECT_SUCCEEDS(say(t, t->s, &a));
    expect_peer_hears(t, t->peer, &a);
    expect_reception(t, t->s, t->peer);
    peer_says_farewell(t, t->peer, b.text, b.size);
    expect_end(t, t->s);
    expect_words(t, t->s, &b);
}

/* RD-22: what the responder sends after WSPRecvDisconnect and before its answer reaches
 * the peer. */
SPI_CASE(exchange_send_before_answer,
         .id = "recv_disconnect.exchange.send_before_answer",
         .checks = "RD-22",
         .applies = {GRACEFUL_WITH_DATA},
         .arrange = connected_pair)
{
    struct words a = make_words('A', 10), b = make_words(0xB0, 20);
    char received[32] = "";
    int count, error;

    peer_disconnects(t, a.text, a.size);
    learn_by_select(t, t->s);
    expect_words(t, t->s, &a);
    EXPECT_SUCCEEDS(spi_send(t, t->s, "last words", 10, 0));
    EXPECT_SUCCEEDS(say(t, t->s, &b));
    count = peer_receives(t, t->peer, received, sizeof received, &error);
    EXPECT_THAT(count == 10,
                ("the peer receives 10 bytes"),
                ("%d, %s", count, count < 0 ? error_text(error) : "no error"));
    EXPECT_BYTES(received, "last words", 10);
    expect_peer_hears(t, t->peer, &b);
}

/* RD-22, RD-14: when both begin at the same time each hears the other. */
SPI_CASE(exchange_both_begin,
         .id = "recv_disconnect.exchange.both_begin",
         .checks = "RD-22 RD-14",
         .applies = {GRACEFUL_WITH_DATA},
         .arrange = connected_pair)
{
    struct words a = make_words('A', 64), b = make_words(0xB0, 64);

    EXPECT_SUCCEEDS(say(t, t->s, &a));
    peer_says_farewell(t, t->peer, b.text, b.size);
    see_end(t, t->s);
    expect_words(t, t->s, &b);
    expect_peer_hears(t, t->peer, &a);
}

/* RD-22, RD-14: the same between two sockets of the provider. */
SPI_CASE(exchange_both_begin_self,
         .id = "recv_disconnect.exchange.both_begin_self",
         .checks = "RD-22 RD-14",
         .applies = {GRACEFUL_WITH_DATA},
         .arrange = self_to_self)
{
    struct words a = make_words('A', 64), b = make_words(0xB0, 64);

    EXPECT_SUCCEEDS(say(t, t->s, &a));
    EXPECT_SUCCEEDS(say(t, t->other, &b));
    see_end(t, t->s);
    see_end(t, t->other);
    expect_words(t, t->s, &b);
    expect_words(t, t->other, &a);
}

/* RD-22: who closes without an answer ends the exchange without data. */
SPI_CASE(exchange_closed_without_answer,
         .id = "recv_disconnect.exchange.closed_without_answer",
         .checks = "RD-22",
         .applies = {GRACEFUL_WITH_DATA},
         .arrange = connected_pair)
{
    struct words a = make_words('A', 30), none = make_words(0, 0);

    peer_disconnects(t, a.text, a.size);
    learn_by_select(t, t->s);
    expect_words(t, t->s, &a);
    EXPECT_SUCCEEDS(spi_close(t, t->s));
    expect_peer_hears(t, t->peer, &none);
}

SPI_SUITE(recv_disconnect_exchange,
          &exchange_peer_begins,
          &exchange_provider_begins,
          &exchange_self_caller_begins,
          &exchange_self_callee_begins,
          &exchange_data_before_answer,
          &exchange_send_before_answer,
          &exchange_both_begin,
          &exchange_both_begin_self,
          &exchange_closed_without_answer);
