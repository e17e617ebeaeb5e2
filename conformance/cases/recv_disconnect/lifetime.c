/* WSPRecvDisconnect: the socket and its resources stay until WSPCloseSocket. */
#include "operation.h"

/* --- The address ------------------------------------------------------------------ */

/* Both ends of a connection; of the remote one only streams make use. */
struct names {
    struct sockaddr_storage local;
    struct sockaddr_storage remote;
    int length;
};

static struct names names_of(struct spi_test *t)
{
    struct names names = {.length = sizeof names.local};
    int length = sizeof names.remote;

    SETUP(spi_get_sock_name(t, t->s, (struct sockaddr *)&names.local, &names.length));
    SETUP(spi_get_peer_name(t, t->s, (struct sockaddr *)&names.remote, &length));
    return names;
}

/* What a socket of the system gets that tries to take the local address: the error, or
 * 0 if it may. Where the system lets several stream sockets be bound to one address, a
 * second connection between the same two ends tells. */
static int taken(struct spi_test *t, const struct names *names)
{
    bool connects = !(t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS);
    struct sockaddr_storage local, remote;
    SOCKET s = system_socket(t);
    u_long on = 1;
    int error = 0, length;

    ioctlsocket(s, FIONBIO, &on);
    system_address((const struct sockaddr *)&names->local, &local, &length);
    system_address((const struct sockaddr *)&names->remote, &remote, &length);
    if (bind(s, (const struct sockaddr *)&local, length) != 0)
        error = WSAGetLastError();
    else if (connects && connect(s, (const struct sockaddr *)&remote, length) != 0)
        error = WSAGetLastError();
    closesocket(s);
    return error == WSAEADDRINUSE || error == WSAEADDRNOTAVAIL ? error : 0;
}

/* RD-18: the local address stays taken as long as the socket is not closed. */
SPI_CASE(address_taken,
         .id = "recv_disconnect.lifetime.address_taken",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    struct names names = names_of(t);
    int before = taken(t, &names), after;

    if (!before)
        BLOCKED("the system lets others use the address of an open socket");
    SETUP(recv_disconnect(t, NULL));
    after = taken(t, &names);
    EXPECT_THAT(after == before,
                ("another socket not to get the address: %s", error_text(before)),
                ("%s", after ? error_text(after) : "that it did"));
}

/* RD-18: WSPCloseSocket releases it. */
SPI_CASE(address_released,
         .id = "recv_disconnect.lifetime.address_released",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    struct names names = names_of(t);
    WSAEVENT never = new_event(t);
    int error;

    if (!taken(t, &names))
        BLOCKED("the system lets others use the address of an open socket");
    /* Who ends a TCP connection first keeps its address for a while: the peer does. */
    peer_closes(t, t->peer);
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(spi_close(t, t->s));
    /* A graceful close may finish in the background. */
    for (int i = 0; (error = taken(t, &names)) != 0 && i < 100; i++)
        await_for(t, never, AT_ONCE_MS / 100);
    EXPECT_THAT(error == 0, ("the address to be free"), ("%s", error_text(error)));
}

/* --- The descriptor --------------------------------------------------------------- */

struct close_row {
    const char *name;
    bool queued;
    bool peer_ended;
    bool sending_ended;
};

static const struct close_row close_rows[] = {
    {"idle", false, false, false},
    {"queued", true, false, false},
    {"peer_ended", false, true, false},
    {"peer_ended.queued", true, true, false},
    {"sending_ended", false, false, true},
    {"both_ended", false, true, true},
};

/* RD-18 RD-12: WSPCloseSocket succeeds in every state that the call leaves, and only
 * then the descriptor is none. */
SPI_TABLE(closable,
          struct close_row,
          close_rows,
          .id = "recv_disconnect.lifetime.closable",
          .checks = "RD-18 RD-12",
          .arrange = connected_pair)
{
    if (row->queued)
        peer_sends(t, t->peer, "unread", 6);
    if (row->peer_ended)
        peer_closes(t, t->peer);
    SETUP(recv_disconnect(t, NULL));
    if (row->sending_ended)
        SETUP(spi_shutdown(t, t->s, SD_SEND));
    EXPECT_SUCCEEDS(spi_close(t, t->s));
    EXPECT_FAILS(recv_disconnect(t, NULL), WSAENOTSOCK);
}

/* RD-18: the call does not give the descriptor back to the system, the close does, and
 * once. */
SPI_CASE(descriptor_kept,
         .id = "recv_disconnect.lifetime.descriptor_kept",
         .checks = "RD-18",
         .applies = {.has_not = XP1_IFS_HANDLES},
         .arrange = connected_pair)
{
    SOCKET s = t->s;
    unsigned count;

    SETUP(recv_disconnect(t, NULL));
    count = descriptor_closes(t, s);
    EXPECT_THAT(count == 0, ("no WPUCloseSocketHandle by the call"), ("%u", count));
    SETUP(spi_close(t, s));
    count = descriptor_closes(t, s);
    EXPECT_THAT(count == 1, ("one by WSPCloseSocket"), ("%u", count));
}

/* --- Handles ---------------------------------------------------------------------- */

static void expect_no_growth(struct spi_test *t, unsigned before, int rounds)
{
    unsigned after = process_handles(t);

    /* A handle now and then may be made once for all, or by the system beside us. */
    EXPECT_THAT(after < before + (unsigned)rounds / 2,
                ("still about %u handles after %d rounds", before, rounds),
                ("%u handles", after));
}

/* RD-18: the call takes no handles, however often it is made. */
SPI_CASE(no_handles_by_calls,
         .id = "recv_disconnect.lifetime.no_handles_by_calls",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    enum { ROUNDS = 100 };
    unsigned before;

    SETUP(recv_disconnect(t, NULL));
    before = process_handles(t);
    for (int i = 0; i < ROUNDS; i++)
        recv_disconnect(t, NULL);
    expect_no_growth(t, before, ROUNDS);
}

/* RD-18: WSPCloseSocket gives all of a socket's handles back after the call. */
SPI_CASE(no_handles_by_sockets,
         .id = "recv_disconnect.lifetime.no_handles_by_sockets",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    enum { ROUNDS = 30 };
    unsigned before = 0;

    for (int i = -1; i < ROUNDS; i++) {
        struct peer *peer;
        SOCKET s;

        connect_pair(t, &s, &peer);
        peer_sends(t, peer, "unread", 6);
        SETUP(spi_recv_disconnect(t, s, NULL));
        peer_closes(t, peer);
        SETUP(spi_close(t, s));
        /* The first round may make what is made once. */
        if (i < 0)
            before = process_handles(t);
    }
    expect_no_growth(t, before, ROUNDS);
}

SPI_SUITE(recv_disconnect_lifetime,
          &address_taken,
          &address_released,
          &closable,
          &descriptor_kept,
          &no_handles_by_calls,
          &no_handles_by_sockets);
