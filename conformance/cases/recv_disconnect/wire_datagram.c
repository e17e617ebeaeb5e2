/* WSPRecvDisconnect: what a UDP socket shows on the network. */
#include "operation.h"
#include "wire_case.h"

static const char news[4096] = "late news";

/* Of a datagram that does not fill anything. */
#define SMALL 512

/* Of the largest ones, more than the system keeps for a socket. */
#define MANY 96

struct datagram_row {
    const char *name;
    bool queued;    /* a datagram waits at the call */
    bool connected; /* s has a default destination */
};

static const struct datagram_row datagram_rows[] = {
    {"connected", false, true},
    {"connected.queued", true, true},
    {"unconnected", false, false},
    {"unconnected.queued", true, false},
};

/* Those who send to s: three where s takes datagrams of everybody. */
struct senders {
    struct peer *peer[3];
    unsigned count;
};

static struct senders make_senders(struct spi_test *t, bool connected)
{
    if (connected) {
        connected_pair(t);
        return (struct senders){{t->peer}, 1};
    }
    bound_socket(t);
    return (struct senders){{datagram_peer(t), datagram_peer(t), datagram_peer(t)}, 3};
}

static size_t
send_one(struct spi_test *t, const struct senders *senders, unsigned turn, size_t held)
{
    struct peer *sender = senders->peer[turn % senders->count];

    peer_sends_to(t, sender, t->s, news, SMALL);
    return wire_await_queue(t, local_port(t, t->s), held);
}

/* Up to the call and through it; gives what the system holds for s. */
static size_t
end_reception(struct spi_test *t, const struct senders *senders, bool queued)
{
    size_t held = 0;

    wire_names(t, WIRE_SUBJECT, t->s, senders->count == 1 ? senders->peer[0] : NULL);
    if (queued) {
        held = send_one(t, senders, 0, 0);
        if (!held)
            BLOCKED("the provider reads ahead: the system's queue is no witness");
    }
    SETUP(wire_recv_disconnect(t, NULL, queued ? SMALL : 0));
    return held;
}

/* RD-16: the call puts nothing on the network, and each datagram that comes behind it,
 * from whomsoever, reaches the host and is queued there. */
SPI_TABLE(datagrams,
          struct datagram_row,
          datagram_rows,
          .id = "recv_disconnect.wire.datagrams",
          .checks = "RD-16",
          .applies = {.protocol = IPPROTO_UDP},
          .wire = "no_packet datagrams")
{
    enum { DATAGRAMS = 6 };
    struct senders senders = make_senders(t, row->connected);
    size_t held = end_reception(t, &senders, row->queued);

    for (unsigned i = 0; i < DATAGRAMS; i++) {
        size_t before = held;

        held = send_one(t, &senders, i, before);
        EXPECT_THAT(held > before,
                    ("datagram %u to be queued", i + 1),
                    ("that the system's queue went from %lu to %lu bytes",
                     (unsigned long)before,
                     (unsigned long)held));
    }
    wire_sent(t, DATAGRAMS);
}

/* Sends the same to both until neither queue takes more. */
static void fill_both(struct spi_test *t)
{
    for (unsigned i = 0; i < MANY; i++) {
        peer_sends(t, t->peer, news, sizeof news);
        peer_sends(t, t->other_peer, news, sizeof news);
    }
    wire_sent(t, MANY);
}

/* RD-16: the queue takes as many as that of a socket on which nobody reads; also those
 * that find it full reach the host. */
SPI_CASE(datagrams_until_full,
         .id = "recv_disconnect.wire.datagrams_until_full",
         .checks = "RD-16",
         .applies = {.protocol = IPPROTO_UDP},
         .arrange = two_connected_pairs,
         .wire = "no_packet datagrams")
{
    size_t held, control;

    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    wire_names(t, WIRE_CONTROL, t->other, t->other_peer);
    SETUP(wire_recv_disconnect(t, NULL, 0));
    fill_both(t);
    control = wire_await_queue(t, local_port(t, t->other), 0);
    if (!control)
        BLOCKED("the provider reads ahead: the system's queue is no witness");
    held = wire_await_queue(t, local_port(t, t->s), control / 10 * 9);
    EXPECT_THAT(
        held > control / 10 * 9 && control > held / 10 * 9,
        ("as much queued as on the control socket (%lu bytes)", (unsigned long)control),
        ("%lu bytes", (unsigned long)held));
    OBSERVED("RD-16",
             "of %u datagrams of %u bytes the system keeps %lu bytes with its own",
             (unsigned)MANY,
             (unsigned)sizeof news,
             (unsigned long)held);
}

static void expect_no_error(struct spi_test *t, const struct senders *senders)
{
    for (unsigned i = 0; i < senders->count; i++) {
        int error = peer_meets(senders->peer[i]);

        EXPECT_THAT(error == WSAEWOULDBLOCK,
                    ("sender %u to meet no error", i + 1),
                    ("that it met %s", error_text(error)));
    }
}

/* RD-17: no ICMP error from the call on until the close. */
SPI_TABLE(no_icmp,
          struct datagram_row,
          datagram_rows,
          .id = "recv_disconnect.wire.datagram_no_icmp",
          .checks = "RD-17",
          .applies = {.protocol = IPPROTO_UDP},
          .wire = "no_icmp")
{
    struct senders senders = make_senders(t, row->connected);

    end_reception(t, &senders, row->queued);
    for (unsigned i = 0; i < 3; i++)
        peer_sends_to(t, senders.peer[i % senders.count], t->s, news, SMALL);
    expect_no_error(t, &senders);
}

/* RD-17: nor when the queue is full. */
SPI_CASE(no_icmp_when_full,
         .id = "recv_disconnect.wire.datagram_no_icmp.full",
         .checks = "RD-17",
         .applies = {.protocol = IPPROTO_UDP},
         .arrange = two_connected_pairs,
         .wire = "no_icmp")
{
    struct senders senders = {{t->peer}, 1};

    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    SETUP(wire_recv_disconnect(t, NULL, 0));
    fill_both(t);
    expect_no_error(t, &senders);
}

SPI_SUITE(recv_disconnect_wire_datagram,
          &datagrams,
          &datagrams_until_full,
          &no_icmp,
          &no_icmp_when_full);
