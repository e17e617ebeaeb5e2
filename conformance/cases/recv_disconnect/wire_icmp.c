/* WSPRecvDisconnect: no ICMP error, whatever a connection is made of. */
#include "operation.h"
#include "wire_case.h"

static const char news[1024] = "late news";

struct connection_row {
    const char *name;
    bool queued; /* data wait at the call */
    bool ended;  /* and the peer has ended its side */
};

static const struct connection_row connection_rows[] = {
    {"nothing_queued", false, false},
    {"data_queued", true, false},
    {"peer_ended", false, true},
    {"peer_ended.data_queued", true, true},
};

/* Some data; gives the first error that the peer meets, or 0. */
static int send_more(struct spi_test *t)
{
    int error = 0;

    for (int i = 0; i < 4 && !error; i++)
        if (peer_tries_to_send(t->peer, news, sizeof news, &error) >= 0)
            error = 0;
    wire_await_rest(t);
    return error;
}

/* Whether it is one of those that an ICMP error makes; a reset is not. */
static bool is_by_icmp(int error)
{
    return error == WSAECONNREFUSED || error == WSAEHOSTUNREACH ||
           error == WSAENETUNREACH;
}

/* RD-17: no ICMP error from the call on until the close, before and after data arrive.
 */
SPI_TABLE(no_icmp,
          struct connection_row,
          connection_rows,
          .id = "recv_disconnect.wire.no_icmp",
          .checks = "RD-17",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = connected_pair,
          .wire = "no_icmp")
{
    int error;

    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    if (row->queued)
        peer_sends(t, t->peer, news, sizeof news);
    if (row->ended)
        peer_disconnects(t, NULL, 0);
    wire_await_rest(t);
    SETUP(wire_recv_disconnect(t, NULL, row->queued ? sizeof news : 0));
    error = row->ended ? 0 : send_more(t);
    EXPECT_THAT(!is_by_icmp(error),
                ("the peer's sends to meet no error that ICMP tells of"),
                ("%s", error_text(error)));
}

SPI_SUITE(recv_disconnect_wire_icmp, &no_icmp);
