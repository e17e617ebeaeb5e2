/* WSPRecvDisconnect: around other ways in which a connection, or a direction of it, has
 * ended. */
#include "operation.h"

/* --- After a way of ending ---------------------------------------------------------
 */

struct ending_row {
    const char *name;
    void (*end)(struct spi_test *t);
};

static void shut_down_receiving(struct spi_test *t)
{
    SETUP(spi_shutdown(t, t->s, SD_RECEIVE));
}

static void shut_down_sending(struct spi_test *t)
{
    SETUP(spi_shutdown(t, t->s, SD_SEND));
}

static void shut_down_both(struct spi_test *t)
{
    SETUP(spi_shutdown(t, t->s, SD_BOTH));
}

static void queue_and_shut_down_receiving(struct spi_test *t)
{
    peer_sends(t, t->peer, "unread", 6);
    await_readable(t, t->s);
    shut_down_receiving(t);
}

static void send_disconnect(struct spi_test *t)
{
    SETUP(spi_send_disconnect(t, t->s, NULL));
}

static void peer_ends(struct spi_test *t)
{
    peer_disconnects(t, NULL, 0);
}

static void queue_and_peer_ends(struct spi_test *t)
{
    peer_sends(t, t->peer, "unread", 6);
    peer_disconnects(t, NULL, 0);
}

static void peer_gone(struct spi_test *t)
{
    peer_closes(t, t->peer);
    await_readable(t, t->s);
}

static void send_disconnect_and_peer_ends(struct spi_test *t)
{
    send_disconnect(t);
    peer_ends(t);
}

static void peer_ends_and_send_disconnect(struct spi_test *t)
{
    peer_ends(t);
    send_disconnect(t);
}

static const struct ending_row any_rows[] = {
    {"shutdown_receive", shut_down_receiving},
    {"shutdown_receive.queued", queue_and_shut_down_receiving},
    {"shutdown_send", shut_down_sending},
    {"shutdown_both", shut_down_both},
};

static const struct ending_row graceful_rows[] = {
    {"send_disconnect", send_disconnect},
    {"peer_ended", peer_ends},
    {"peer_ended.queued", queue_and_peer_ends},
    {"peer_closed", peer_gone},
    {"send_disconnect.peer_ended", send_disconnect_and_peer_ends},
    {"peer_ended.send_disconnect", peer_ends_and_send_disconnect},
};

/* RD-27: ending a direction by WSPShutdown does not disconnect, so the call works
 * afterwards. */
SPI_TABLE(after_shutdown,
          struct ending_row,
          any_rows,
          .id = "recv_disconnect.shutdown.after_shutdown",
          .checks = "RD-27",
          .arrange = connected_pair)
{
    struct outcome o;

    row->end(t);
    o = recv_disconnect(t, NULL);
    EXPECT_SUCCEEDS(o);
    OBSERVED("RD-27", "%s", o.failed ? error_text(o.error) : "success");
}

/* RD-27: in the documented exchange the call follows the other side's graceful end, and
 * on the initiator one's own WSPSendDisconnect too: neither makes it WSAENOTCONN. */
SPI_TABLE(after_graceful_end,
          struct ending_row,
          graceful_rows,
          .id = "recv_disconnect.shutdown.after_graceful_end",
          .checks = "RD-27 RD-10",
          .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
          .arrange = connected_pair)
{
    row->end(t);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

/* RD-27: so it is on a socket from WSPAccept. */
SPI_CASE(after_graceful_end_accepted,
         .id = "recv_disconnect.shutdown.after_graceful_end_accepted",
         .checks = "RD-27 RD-10",
         .applies = {.orientation = CONNECTION_ORIENTED, .has = XP1_GRACEFUL_CLOSE},
         .arrange = accepted_pair)
{
    peer_disconnects(t, NULL, 0);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

/* --- After an abortive end ----------------------------------------------------------
 */

static void expect_ended_or_not(struct spi_test *t)
{
    struct outcome o = recv_disconnect(t, NULL);

    EXPECT_ONE_OF(
        o, {0, "reception ended", NULL}, {WSAENOTCONN, "not connected any more", NULL});
    OBSERVED("RD-27", "%s", o.failed ? error_text(o.error) : "success");
}

static void peer_resets_it(struct spi_test *t)
{
    peer_resets(t, t->peer);
    await_readable(t, t->s);
}

/* The client has been told already; how, is WSPRecv's affair. */
static void peer_resets_it_and_client_knows(struct spi_test *t)
{
    char byte;

    peer_resets_it(t);
    spi_recv(t, t->s, &byte, 1, 0);
}

/* The closing peer has not read all, which resets a TCP connection. */
static void peer_closes_unread(struct spi_test *t)
{
    SETUP(spi_send(t, t->s, "unread", 6, 0));
    peer_closes(t, t->peer);
    await_readable(t, t->s);
}

static void shut_down_both_and_peer_ends(struct spi_test *t)
{
    shut_down_both(t);
    peer_ends(t);
}

static const struct ending_row abortive_rows[] = {
    {"reset", peer_resets_it},
    {"reset.known", peer_resets_it_and_client_knows},
    {"closed_unread", peer_closes_unread},
    {"shutdown_both.peer_ended", shut_down_both_and_peer_ends},
};

/* RD-27 RD-4: after a reset, or when nothing is left of the connection, the call
 * succeeds or finds the socket not connected; the reset itself is not its error. */
SPI_TABLE(after_abortive_end,
          struct ending_row,
          abortive_rows,
          .id = "recv_disconnect.shutdown.after_abortive_end",
          .checks = "RD-27 RD-4",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = connected_pair)
{
    row->end(t);
    expect_ended_or_not(t);
}

/* RD-27 RD-4: the same holds when the peer's process has died. */
SPI_CASE(after_process_died,
         .id = "recv_disconnect.shutdown.after_process_died",
         .checks = "RD-27 RD-4",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_to_process)
{
    peer_process_dies(t);
    await_readable(t, t->s);
    expect_ended_or_not(t);
}

/* --- Datagrams -----------------------------------------------------------------------
 */

static void peer_closes_it(struct spi_test *t)
{
    peer_closes(t, t->peer);
}

/* What was sent to the closed port comes back as an ICMP error, which some systems keep
 * as an error of the socket. */
static void port_unreachable(struct spi_test *t)
{
    peer_closes(t, t->peer);
    SETUP(spi_send(t, t->s, "anybody", 7, 0));
}

static const struct ending_row datagram_rows[] = {
    {"peer_closed", peer_closes_it},
    {"port_unreachable", port_unreachable},
};

/* RD-27 RD-11: a datagram socket has no connection that could have ended. */
SPI_TABLE(after_datagram_peer,
          struct ending_row,
          datagram_rows,
          .id = "recv_disconnect.shutdown.after_datagram_peer",
          .checks = "RD-27 RD-11 RD-4",
          .applies = {.orientation = CONNECTIONLESS},
          .arrange = connected_pair)
{
    row->end(t);
    EXPECT_SUCCEEDS(recv_disconnect(t, NULL));
}

/* --- Before WSPShutdown --------------------------------------------------------------
 */

struct how_row {
    const char *name;
    int how;
};

static const struct how_row how_rows[] = {
    {"receive", SD_RECEIVE},
    {"send", SD_SEND},
    {"both", SD_BOTH},
};

/* RD-27 RD-18: WSPShutdown works afterwards, whatever direction it is for. */
SPI_TABLE(shutdown_afterwards,
          struct how_row,
          how_rows,
          .id = "recv_disconnect.shutdown.shutdown_afterwards",
          .checks = "RD-27 RD-18",
          .arrange = connected_pair)
{
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(spi_shutdown(t, t->s, row->how));
}

SPI_SUITE(recv_disconnect_shutdown,
          &after_shutdown,
          &after_graceful_end,
          &after_graceful_end_accepted,
          &after_abortive_end,
          &after_process_died,
          &after_datagram_peer,
          &shutdown_afterwards);
