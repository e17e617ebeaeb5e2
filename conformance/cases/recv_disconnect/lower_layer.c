/* WSPRecvDisconnect: no effect on the layers below, as far as sockets show it. */
#include "operation.h"

static const char news[1024] = "late news";

struct stream_row {
    const char *name;
    size_t queued; /* bytes that wait to be received when reception ends */
};

static const struct stream_row stream_rows[] = {
    {"nothing_queued", 0},
    {"one_byte_queued", 1},
    {"kilobyte_queued", sizeof news},
};

static void end_reception(struct spi_test *t, size_t queued)
{
    if (queued) {
        peer_sends(t, t->peer, news, queued);
        await_readable(t, t->s);
    }
    SETUP(recv_disconnect(t, NULL));
}

/* --- TCP ------------------------------------------------------------------------- */

/* RD-15: the call itself neither ends nor resets the connection in the peer's eyes. */
SPI_TABLE(peer_notices_nothing,
          struct stream_row,
          stream_rows,
          .id = "recv_disconnect.lower_layer.peer_notices_nothing",
          .checks = "RD-15",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = connected_pair)
{
    struct accepted accepted[3] = {{WSAEWOULDBLOCK, "nothing", NULL}};
    size_t count = row->queued ? tolerate_reset(t, accepted, 1) : 1;

    end_reception(t, row->queued);
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "what the peer's receive meets",
                      peer_outcome("recv", peer_meets(t->peer)),
                      accepted,
                      count);
}

/* RD-15: the peer's sends go on being taken after the call. */
SPI_TABLE(peer_goes_on,
          struct stream_row,
          stream_rows,
          .id = "recv_disconnect.lower_layer.peer_goes_on",
          .checks = "RD-15",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = connected_pair)
{
    struct accepted accepted[3] = {{0, "taken", NULL}};
    size_t count = tolerate_reset(t, accepted, 1);
    int error = 0;

    end_reception(t, row->queued);
    for (int i = 0; i < 16 && !error; i++)
        if (peer_tries_to_send(t->peer, news, sizeof news, &error) >= 0)
            error = 0;
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "the peer's next 16 sends of 1024 bytes",
                      peer_outcome("send", error),
                      accepted,
                      count);
}

/* How many bytes the other connection takes, on which nobody reads either. */
static size_t control_takes(struct spi_test *t)
{
    int error = 0;
    size_t taken = peer_sends_until_full(t, t->other_peer, 20, &error);

    if (error != WSAEWOULDBLOCK)
        BLOCKED("the control connection does not fill: %s", error_text(error));
    return taken;
}

/* RD-15: data are accepted as on a connection on which nobody reads: until the window
 * is full, then the peer's sends would block. */
SPI_TABLE(accepted_until_full,
          struct stream_row,
          stream_rows,
          .id = "recv_disconnect.lower_layer.accepted_until_full",
          .checks = "RD-15",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = two_connected_pairs)
{
    struct accepted accepted[3] = {{WSAEWOULDBLOCK, "full at last", NULL}};
    size_t count = tolerate_reset(t, accepted, 1), control = control_takes(t), taken;
    int error = 0;

    end_reception(t, row->queued);
    taken = peer_sends_until_full(t, t->peer, 20, &error);
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "the peer's sends",
                      peer_outcome("send", error),
                      accepted,
                      count);
    OBSERVED("RD-15", "%lu bytes, then %s", (unsigned long)taken, error_text(error));
    if (error == WSAEWOULDBLOCK)
        EXPECT_THAT(taken >= control / 2 && taken / 2 <= control,
                    ("about as many bytes as the control connection took (%lu)",
                     (unsigned long)control),
                    ("%lu bytes", (unsigned long)taken));
}

/* RD-15: what the peer sends after the call is held by the system, as what it sent
 * before. */
SPI_CASE(stream_queue_grows,
         .id = "recv_disconnect.lower_layer.stream_queue_grows",
         .checks = "RD-15",
         .applies = {.protocol = IPPROTO_TCP},
         .arrange = connected_pair)
{
    unsigned short port = local_port(t, t->s);
    size_t before, after;
    int error = 0;

    peer_sends(t, t->peer, news, sizeof news);
    await_readable(t, t->s);
    before = kernel_receive_queue(t, port);
    if (before < sizeof news)
        BLOCKED("the provider reads ahead: the system's queue is no witness");
    SETUP(recv_disconnect(t, NULL));
    peer_tries_to_send(t->peer, news, sizeof news, &error);
    after = kernel_receive_queue(t, port);
    if (after == 0 && peer_meets(t->peer) == WSAECONNRESET)
        BLOCKED("the connection was reset, so nothing is queued");
    EXPECT_THAT(after == before + sizeof news,
                ("the system's queue to grow by %d bytes", (int)sizeof news),
                ("from %lu to %lu bytes", (unsigned long)before, (unsigned long)after));
}

/* RD-15: after the peer's graceful end the call draws no reset either. */
SPI_TABLE(peer_ended,
          struct stream_row,
          stream_rows,
          .id = "recv_disconnect.lower_layer.peer_ended",
          .checks = "RD-15",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = connected_pair)
{
    struct accepted accepted[3] = {{WSAEWOULDBLOCK, "nothing", NULL}};
    size_t count = row->queued ? tolerate_reset(t, accepted, 1) : 1;

    if (row->queued)
        peer_sends(t, t->peer, news, row->queued);
    peer_disconnects(t, NULL, 0);
    SETUP(recv_disconnect(t, NULL));
    spi_expect_one_of(t,
                      __FILE__,
                      __LINE__,
                      "what the peer's receive meets",
                      peer_outcome("recv", peer_meets(t->peer)),
                      accepted,
                      count);
}

/* --- UDP ------------------------------------------------------------------------- */

/* What the system holds for s; `blocked` if the provider takes datagrams out of its
 * queue by itself, for then the queue says nothing. */
static size_t witnessed_queue(struct spi_test *t, struct peer *sender)
{
    size_t held;

    if (sender == t->peer)
        peer_sends(t, sender, news, sizeof news);
    else
        peer_sends_to(t, sender, t->s, news, sizeof news);
    await_readable(t, t->s);
    held = kernel_receive_queue(t, local_port(t, t->s));
    if (held == 0)
        BLOCKED("the provider reads ahead: the system's queue is no witness");
    return held;
}

/* RD-16: each datagram that arrives after the call is queued, whoever sends it. */
SPI_CASE(datagrams_queued,
         .id = "recv_disconnect.lower_layer.datagrams_queued",
         .checks = "RD-16",
         .applies = {.protocol = IPPROTO_UDP},
         .arrange = bound_socket)
{
    struct peer *senders[3] = {datagram_peer(t), datagram_peer(t), datagram_peer(t)};
    size_t held = witnessed_queue(t, senders[0]);

    SETUP(recv_disconnect(t, NULL));
    for (int i = 0; i < 6; i++) {
        size_t before = held;

        peer_sends_to(t, senders[i % 3], t->s, news, sizeof news);
        held = kernel_receive_queue(t, local_port(t, t->s));
        EXPECT_THAT(held > before,
                    ("datagram %d to be queued", i + 1),
                    ("that the system's queue went from %lu to %lu bytes",
                     (unsigned long)before,
                     (unsigned long)held));
    }
}

/* RD-16: so are those of the default destination on a connected datagram socket. */
SPI_CASE(connected_datagrams_queued,
         .id = "recv_disconnect.lower_layer.connected_datagrams_queued",
         .checks = "RD-16",
         .applies = {.protocol = IPPROTO_UDP},
         .arrange = connected_pair)
{
    size_t before = witnessed_queue(t, t->peer), after;

    SETUP(recv_disconnect(t, NULL));
    peer_sends(t, t->peer, news, sizeof news);
    after = kernel_receive_queue(t, local_port(t, t->s));
    EXPECT_THAT(after > before,
                ("the datagram to be queued"),
                ("that the system's queue went from %lu to %lu bytes",
                 (unsigned long)before,
                 (unsigned long)after));
}

/* RD-16: the buffer takes as much as that of a socket on which nobody reads, and a
 * sender does not learn when it is full. */
SPI_CASE(datagrams_until_full,
         .id = "recv_disconnect.lower_layer.datagrams_until_full",
         .checks = "RD-16 RD-17",
         .applies = {.protocol = IPPROTO_UDP},
         .arrange = two_connected_pairs)
{
    enum { DATAGRAMS = 512 };
    size_t held, control;
    int error = 0;

    SETUP(recv_disconnect(t, NULL));
    for (int i = 0; i < DATAGRAMS; i++) {
        peer_sends(t, t->peer, news, sizeof news);
        peer_sends(t, t->other_peer, news, sizeof news);
    }
    held = kernel_receive_queue(t, local_port(t, t->s));
    control = kernel_receive_queue(t, local_port(t, t->other));
    if (control == 0)
        BLOCKED("the provider reads ahead: the system's queue is no witness");
    EXPECT_THAT(held >= control / 2 && held / 2 <= control,
                ("about as much queued as on the control socket (%lu bytes)",
                 (unsigned long)control),
                ("%lu bytes", (unsigned long)held));
    error = peer_meets(t->peer);
    EXPECT_THAT(error == WSAEWOULDBLOCK,
                ("the sender to learn nothing"),
                ("that its receive met %s", error_text(error)));
}

struct unreachable_row {
    const char *name;
    bool queued;    /* a datagram waits when reception ends */
    bool connected; /* s has a default destination */
};

static const struct unreachable_row unreachable_rows[] = {
    {"connected", false, true},
    {"connected.queued", true, true},
    {"unconnected", false, false},
    {"unconnected.queued", true, false},
};

/* The peer's socket learns of ICMP errors about `s` only if it is connected to it. */
static struct peer *connected_sender(struct spi_test *t)
{
    struct sockaddr_storage name;
    struct peer *sender = datagram_peer(t);
    int length = sizeof name;

    SETUP(spi_get_sock_name(t, t->s, (struct sockaddr *)&name, &length));
    if (connect(peer_socket(sender), (struct sockaddr *)&name, length) != 0)
        BLOCKED("the sender cannot connect: %s", error_text(WSAGetLastError()));
    return sender;
}

/* Sends some datagrams, since an error that one draws is reported by what follows:
 * gives the first error. */
static int datagrams_meet(struct peer *sender)
{
    int error = WSAEWOULDBLOCK;

    for (int i = 0; i < 5 && error == WSAEWOULDBLOCK; i++)
        if (peer_tries_to_send(sender, news, sizeof news, &error) >= 0)
            error = peer_meets(sender);
    return error;
}

/* RD-17: a connected sender sees no trace of an ICMP error; when the socket is closed,
 * it does, which shows that it would have seen one. */
SPI_TABLE(no_port_unreachable,
          struct unreachable_row,
          unreachable_rows,
          .id = "recv_disconnect.lower_layer.no_port_unreachable",
          .checks = "RD-17",
          .applies = {.protocol = IPPROTO_UDP})
{
    struct peer *sender;
    int error;

    if (row->connected)
        connected_pair(t);
    else
        bound_socket(t);
    sender = row->connected ? t->peer : connected_sender(t);
    if (row->queued) {
        peer_sends(t, sender, news, sizeof news);
        await_readable(t, t->s);
    }
    SETUP(recv_disconnect(t, NULL));
    error = datagrams_meet(sender);
    EXPECT_THAT(error == WSAEWOULDBLOCK,
                ("a sender of five datagrams to meet no error"),
                ("that it met %s", error_text(error)));
    SETUP(spi_close(t, t->s));
    if (datagrams_meet(sender) == WSAEWOULDBLOCK)
        BLOCKED("this system does not report unreachable ports to the sender");
}

SPI_SUITE(recv_disconnect_lower_layer,
          &peer_notices_nothing,
          &peer_goes_on,
          &accepted_until_full,
          &stream_queue_grows,
          &peer_ended,
          &datagrams_queued,
          &connected_datagrams_queued,
          &datagrams_until_full,
          &no_port_unreachable);
