/* WSPRecvDisconnect: a socket need not be usable anew afterwards. */
#include "operation.h"

/* What has ended besides reception. */
enum ended { NOTHING_ELSE, PEER, BOTH_DIRECTIONS };

struct reuse_row {
    const char *name;
    provider_call *reuse;
    enum ended ended;
    const int *documented; /* codes that fit the situation, up to a 0 */
};

/* Codes of the pages that could fit. Those that would be untrue are left out: the
 * socket still is one, the network works, nothing else is in progress, the arguments
 * are right.
 */
static const int connect_codes[] = {WSAEISCONN,
                                    WSAEINVAL,
                                    WSAEADDRINUSE,
                                    WSAEADDRNOTAVAIL,
                                    WSAECONNREFUSED,
                                    WSAENETUNREACH,
                                    WSAENOBUFS,
                                    WSAETIMEDOUT,
                                    0};
static const int listen_codes[] = {
    WSAEISCONN, WSAEINVAL, WSAEADDRINUSE, WSAENOBUFS, WSAEOPNOTSUPP, 0};
static const int bind_codes[] = {
    WSAEINVAL, WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAENOBUFS, 0};

static struct outcome connect_to_peer(struct spi_test *t, void *context)
{
    int length;
    const struct sockaddr *name = peer_address(t->peer, &length);

    (void)context;
    return spi_connect(t, t->s, name, length);
}

static struct outcome connect_elsewhere(struct spi_test *t, void *context)
{
    struct target *target = context;

    return spi_connect(t, t->s, (struct sockaddr *)&target->name, target->length);
}

static struct outcome listen_on_it(struct spi_test *t, void *context)
{
    (void)context;
    return spi_listen(t, t->s, 1);
}

static struct outcome bind_again(struct spi_test *t, void *context)
{
    struct sockaddr_storage name;
    int length;

    (void)context;
    worker_address(t, 0, &name, &length);
    return spi_bind(t, t->s, (struct sockaddr *)&name, length);
}

static const struct reuse_row rows[] = {
    {"connect_to_peer", connect_to_peer, NOTHING_ELSE, connect_codes},
    {"connect_elsewhere", connect_elsewhere, NOTHING_ELSE, connect_codes},
    {"listen", listen_on_it, NOTHING_ELSE, listen_codes},
    {"bind", bind_again, NOTHING_ELSE, bind_codes},
};

static const struct reuse_row ended_rows[] = {
    {"connect_to_peer.peer_ended", connect_to_peer, PEER, connect_codes},
    {"connect_elsewhere.peer_ended", connect_elsewhere, PEER, connect_codes},
    {"listen.peer_ended", listen_on_it, PEER, listen_codes},
    {"bind.peer_ended", bind_again, PEER, bind_codes},
    {"connect_to_peer.both_ended", connect_to_peer, BOTH_DIRECTIONS, connect_codes},
    {"connect_elsewhere.both_ended", connect_elsewhere, BOTH_DIRECTIONS, connect_codes},
    {"listen.both_ended", listen_on_it, BOTH_DIRECTIONS, listen_codes},
    {"bind.both_ended", bind_again, BOTH_DIRECTIONS, bind_codes},
};

static void
expect_documented(struct spi_test *t, const struct reuse_row *row, struct outcome o)
{
    struct accepted accepted[16] = {{0, "the socket can be used anew", NULL}};
    size_t count = 1;

    for (const int *code = row->documented; *code; code++)
        accepted[count++] = (struct accepted){*code, "it cannot be used anew", NULL};
    spi_expect_one_of(t, __FILE__, __LINE__, o.function, o, accepted, count);
    OBSERVED("RD-20",
             "%s afterwards: %s",
             o.function,
             o.failed ? error_text(o.error) : "success");
}

static void expect_no_surprise(struct spi_test *t, const struct reuse_row *row)
{
    struct target target;
    struct outcome o;
    bool returned;

    if (row->ended != NOTHING_ELSE)
        peer_disconnects(t, NULL, 0);
    SETUP(recv_disconnect(t, NULL));
    if (row->ended == BOTH_DIRECTIONS)
        SETUP(spi_shutdown(t, t->s, SD_SEND));
    target = open_target(t, 1);
    returned = returns_at_once(t, "the call", row->reuse, &target, &o);
    if (returned)
        expect_documented(t, row, o);
}

/* RD-20: WSPConnect, WSPListen and WSPBind on the socket work, or fail with a code that
 * their pages have for it. */
SPI_TABLE(no_surprise,
          struct reuse_row,
          rows,
          .id = "recv_disconnect.reuse.no_surprise",
          .checks = "RD-20",
          .arrange = connected_pair)
{
    expect_no_surprise(t, row);
}

/* RD-20: the same holds when the connection has been ended from the other side, or in
 * both directions. */
SPI_TABLE(no_surprise_after_end,
          struct reuse_row,
          ended_rows,
          .id = "recv_disconnect.reuse.no_surprise_after_end",
          .checks = "RD-20",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = connected_pair)
{
    expect_no_surprise(t, row);
}

SPI_SUITE(recv_disconnect_reuse, &no_surprise, &no_surprise_after_end);
