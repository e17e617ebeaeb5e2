/* WSPRecvDisconnect: what a UDP socket shows on the network. */
#include "operation.h"
#include "wire_case.h"

static const char news[4096] = "late news";

/* Of a datagram that does not fill anything. */
#define SMALL 512

/* How long a datagram may take to be in the queue, in milliseconds: on this machine no
 * time but what others take from it. */
#define QUEUED_MS 2000

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

/* Those who send to s: three where s takes datagrams of everybody. All are asked of by
 * what they know already, so that a provider that has lost its socket in the call is
 * found out by what the senders meet. */
struct senders {
    struct peer *peer[3];
    unsigned count;
    unsigned sent; /* datagrams that the system has taken */
    unsigned short port;
    size_t held; /* by the system for s */
};

static struct peer *sender_to(struct spi_test *t, unsigned short port)
{
    struct peer *sender = datagram_peer(t);
    struct sockaddr_storage name;
    int length;

    worker_address(t, port, &name, &length);
    if (connect(peer_socket(sender), (struct sockaddr *)&name, length) != 0)
        BLOCKED("the sender cannot connect: %s", error_text(WSAGetLastError()));
    return sender;
}

static struct senders make_senders(struct spi_test *t, bool connected)
{
    struct senders senders = {.count = connected ? 1 : 3};

    if (connected)
        connected_pair(t);
    else
        bound_socket(t);
    senders.port = local_port(t, t->s);
    senders.peer[0] = t->peer;
    for (unsigned i = 0; i < senders.count && !connected; i++)
        senders.peer[i] = sender_to(t, senders.port);
    return senders;
}

/* The next sender's turn; gives whether the system holds more for s then. */
static bool send_one(struct spi_test *t, struct senders *senders)
{
    struct peer *sender = senders->peer[senders->sent % senders->count];
    size_t before = senders->held;
    int error;

    if (peer_tries_to_send(sender, news, SMALL, &error) < 0)
        return false;
    ++senders->sent;
    senders->held = wire_await_queue(t, senders->port, before, QUEUED_MS);
    return senders->held > before;
}

/* Up to the call and through it. */
static void end_reception(struct spi_test *t, struct senders *senders, bool queued)
{
    wire_names(t, WIRE_SUBJECT, t->s, senders->count == 1 ? senders->peer[0] : NULL);
    if (queued && !send_one(t, senders))
        BLOCKED("the provider reads ahead: the system's queue is no witness");
    SETUP(wire_recv_disconnect(t, NULL, queued ? SMALL : 0));
    senders->sent = 0;
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
    struct senders senders = make_senders(t, row->connected);
    bool queued = true;

    end_reception(t, &senders, row->queued);
    for (int i = 0; i < 6 && queued; i++) {
        size_t before = senders.held;

        queued = send_one(t, &senders);
        EXPECT_THAT(queued,
                    ("datagram %d to be queued", i + 1),
                    ("that the system's queue went from %lu to %lu bytes",
                     (unsigned long)before,
                     (unsigned long)senders.held));
    }
    wire_sent(t, senders.sent);
}

/* Sends the same to both until neither queue takes more. */
static void fill_both(struct spi_test *t)
{
    unsigned sent = 0;
    int error;

    for (unsigned i = 0; i < MANY; i++) {
        sent += peer_tries_to_send(t->peer, news, sizeof news, &error) >= 0;
        peer_sends(t, t->other_peer, news, sizeof news);
    }
    wire_sent(t, sent);
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
    unsigned short port = local_port(t, t->s);
    size_t held, control;

    wire_names(t, WIRE_SUBJECT, t->s, t->peer);
    wire_names(t, WIRE_CONTROL, t->other, t->other_peer);
    SETUP(wire_recv_disconnect(t, NULL, 0));
    fill_both(t);
    control = wire_await_queue(t, local_port(t, t->other), 0, QUEUED_MS);
    if (!control)
        BLOCKED("the provider reads ahead: the system's queue is no witness");
    held = wire_await_queue(t, port, control / 10 * 9, QUEUED_MS);
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

/* An ICMP error makes a receive fail; data are no business of this case. */
static void expect_no_error(struct spi_test *t, const struct senders *senders)
{
    for (unsigned i = 0; i < senders->count; i++) {
        int error = peer_meets(senders->peer[i]);

        EXPECT_THAT(!error || error == WSAEWOULDBLOCK,
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
    for (int i = 0; i < 3 && send_one(t, &senders); i++)
        continue;
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
    struct senders senders = {.peer = {t->peer}, .count = 1};

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
