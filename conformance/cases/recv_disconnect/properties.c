/* WSPRecvDisconnect: the socket goes on answering. */
#include "operation.h"

/* --- The socket still answers ------------------------------------------------------
 */

/* What a buffer holds before somebody writes into it. */
enum { UNWRITTEN = 0xa5 };

/* A function may well say that it succeeded. */
static void demand_written(struct spi_test *t, const void *buffer, int size)
{
    const unsigned char *bytes = buffer;
    int at = 0;

    while (at < size && bytes[at] == UNWRITTEN)
        ++at;
    if (at == size)
        BLOCKED("set-up: a value is asked for, with success, and none is written");
}

struct name_row {
    const char *name;
    struct outcome (*get)(struct spi_test *t,
                          SOCKET s,
                          struct sockaddr *name,
                          int *length);
};

static const struct name_row name_rows[] = {
    {"local", spi_get_sock_name},
    {"peer", spi_get_peer_name},
};

/* RD-18: the names of both ends are known as before. */
SPI_TABLE(name_kept,
          struct name_row,
          name_rows,
          .id = "recv_disconnect.properties.name_kept",
          .checks = "RD-18",
          .arrange = connected_pair)
{
    struct sockaddr_storage before, after;
    int before_length = sizeof before, after_length = sizeof after;

    memset(&before, UNWRITTEN, sizeof before);
    memset(&after, UNWRITTEN, sizeof after);
    SETUP(row->get(t, t->s, (struct sockaddr *)&before, &before_length));
    demand_written(t, &before, before_length);
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(row->get(t, t->s, (struct sockaddr *)&after, &after_length));
    EXPECT_THAT(after_length == before_length,
                ("an address of %d bytes", before_length),
                ("%d bytes", after_length));
    if (spi_clean(t))
        EXPECT_BYTES(&after, &before, (size_t)before_length);
}

struct option_row {
    const char *name;
    int level;
    int option;
    int size;
};

static const struct option_row option_rows[] = {
    {"SO_TYPE", SOL_SOCKET, SO_TYPE, sizeof(int)},
    {"SO_ERROR", SOL_SOCKET, SO_ERROR, sizeof(int)},
    {"SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, sizeof(int)},
    {"SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, sizeof(int)},
    {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, sizeof(BOOL)},
    {"SO_PROTOCOL_INFO", SOL_SOCKET, SO_PROTOCOL_INFOW, sizeof(WSAPROTOCOL_INFOW)},
};

static const struct option_row stream_option_rows[] = {
    {"SO_LINGER", SOL_SOCKET, SO_LINGER, sizeof(struct linger)},
    {"SO_DONTLINGER", SOL_SOCKET, SO_DONTLINGER, sizeof(BOOL)},
    {"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, sizeof(BOOL)},
    {"SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE, sizeof(BOOL)},
    {"SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN, sizeof(BOOL)},
};

static const struct option_row datagram_option_rows[] = {
    {"SO_BROADCAST", SOL_SOCKET, SO_BROADCAST, sizeof(BOOL)},
    {"SO_MAX_MSG_SIZE", SOL_SOCKET, SO_MAX_MSG_SIZE, sizeof(int)},
};

static void expect_option_kept(struct spi_test *t, const struct option_row *row)
{
    char before[sizeof(WSAPROTOCOL_INFOW)], after[sizeof before];
    int before_size = row->size, after_size = row->size;

    memset(before, UNWRITTEN, sizeof before);
    memset(after, UNWRITTEN, sizeof after);
    SETUP(spi_get_option(t, t->s, row->level, row->option, before, &before_size));
    demand_written(t, before, before_size);
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(
        spi_get_option(t, t->s, row->level, row->option, after, &after_size));
    EXPECT_THAT(after_size == before_size,
                ("a value of %d bytes", before_size),
                ("%d bytes", after_size));
    if (spi_clean(t))
        EXPECT_BYTES(after, before, (size_t)before_size);
}

/* RD-18: options that every socket has keep their values. */
SPI_TABLE(option_kept,
          struct option_row,
          option_rows,
          .id = "recv_disconnect.properties.option_kept",
          .checks = "RD-18",
          .arrange = connected_pair)
{
    expect_option_kept(t, row);
}

/* RD-18: so do those of stream sockets. */
SPI_TABLE(stream_option_kept,
          struct option_row,
          stream_option_rows,
          .id = "recv_disconnect.properties.stream_option_kept",
          .checks = "RD-18",
          .applies = {.protocol = IPPROTO_TCP},
          .arrange = connected_pair)
{
    expect_option_kept(t, row);
}

/* RD-18: so do those of datagram sockets. */
SPI_TABLE(datagram_option_kept,
          struct option_row,
          datagram_option_rows,
          .id = "recv_disconnect.properties.datagram_option_kept",
          .checks = "RD-18",
          .applies = {.protocol = IPPROTO_UDP},
          .arrange = connected_pair)
{
    expect_option_kept(t, row);
}

/* RD-18: options can still be changed. */
SPI_CASE(option_settable,
         .id = "recv_disconnect.properties.option_settable",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    bool datagrams = t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS;
    int option = datagrams ? SO_BROADCAST : SO_KEEPALIVE;
    BOOL set = TRUE, got = FALSE;
    int size = sizeof got;

    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(
        spi_set_option(t, t->s, SOL_SOCKET, option, (char *)&set, sizeof set));
    EXPECT_SUCCEEDS(spi_get_option(t, t->s, SOL_SOCKET, option, &got, &size));
    EXPECT_THAT(got != FALSE, ("the option to be on"), ("that it is off"));
}

/* RD-18: the mode can still be changed, both ways. */
SPI_CASE(mode_settable,
         .id = "recv_disconnect.properties.mode_settable",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(spi_set_nonblocking(t, t->s, true));
    EXPECT_SUCCEEDS(spi_set_nonblocking(t, t->s, false));
}

/* More than the queues of a connection hold. */
enum { MUCH = 16 << 20 };

/* In messages that any protocol takes; gives the last send, and the bytes of all. */
static struct outcome send_much(struct spi_test *t, void *context)
{
    static const char message[65536];
    struct outcome o;
    DWORD total = 0;
    bool whole;

    (void)context;
    do {
        o = spi_send(t, t->s, message, sizeof message, 0);
        whole = !o.failed && o.bytes == sizeof message;
        total += o.failed ? 0 : o.bytes;
    } while (whole && total < MUCH);
    o.bytes = total;
    return o;
}

/* RD-18: a blocking socket stays one: WSPSend waits until everything is consumed. */
SPI_CASE(blocking_kept,
         .id = "recv_disconnect.properties.blocking_kept",
         .checks = "RD-18 RD-22",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair,
         .limit_ms = 60000)
{
    static char received[65536];
    struct operation sending;
    size_t total = 0, most = MUCH;
    int error, count = 1;

    SETUP(recv_disconnect(t, NULL));
    operation_start(t, &sending, send_much, NULL);
    while (total < most && count > 0) {
        count = peer_receives(t, t->peer, received, sizeof received, &error);
        total += count > 0 ? (size_t)count : 0;
        /* What a send does not wait for, it has consumed in part only. */
        if (operation_ends(&sending, 0))
            most = sending.outcome.failed ? 0 : sending.outcome.bytes;
    }
    EXPECT_THAT(operation_ends(&sending, AT_ONCE_MS),
                ("WSPSend to return when all has been received"),
                ("that it had not after %d ms", AT_ONCE_MS));
    if (!spi_clean(t))
        return;
    EXPECT_SUCCEEDS(sending.outcome);
    EXPECT_THAT(sending.outcome.bytes == MUCH,
                ("all %d bytes to be consumed", MUCH),
                ("%lu bytes", (unsigned long)sending.outcome.bytes));
}

/* Far more than filling a connection takes where no send waits. */
#define FILLED_MS 5000

static struct outcome fill(struct spi_test *t, void *context)
{
    (void)context;
    return fill_sending_side(t);
}

/* RD-18: a nonblocking socket stays one: WSPSend never waits. */
SPI_CASE(nonblocking_kept,
         .id = "recv_disconnect.properties.nonblocking_kept",
         .checks = "RD-18 RD-22",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    struct operation filling;
    bool ended;

    SETUP(spi_set_nonblocking(t, t->s, true));
    SETUP(recv_disconnect(t, NULL));
    operation_start(t, &filling, fill, NULL);
    /* Many sends, none of which waits. */
    ended = operation_ends(&filling, FILLED_MS);
    EXPECT_THAT(ended,
                ("WSPSend to fill the connection without waiting"),
                ("that it had not returned after %d ms", FILLED_MS));
    if (ended) {
        EXPECT_FAILS(filling.outcome, WSAEWOULDBLOCK);
    } else {
        peer_resets(t, t->peer);
        operation_ends(&filling, AT_ONCE_MS);
    }
}

/* RD-18: an event selection stays in force: FD_WRITE comes again when there is space
 * again. */
SPI_CASE(selection_kept,
         .id = "recv_disconnect.properties.selection_kept",
         .checks = "RD-18",
         .applies = {.orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    static char received[65536];
    WSAEVENT event = new_event(t);
    WSANETWORKEVENTS events;
    int error;

    SETUP(spi_event_select(t, t->s, event, FD_WRITE));
    if (!await(t, event))
        BLOCKED("no FD_WRITE although the socket can send");
    SETUP(spi_enum_network_events(t, t->s, event, &events));
    SETUP(recv_disconnect(t, NULL));
    EXPECT_FAILS(fill_sending_side(t), WSAEWOULDBLOCK);
    while (!await_for(t, event, 0) &&
           peer_receives(t, t->peer, received, sizeof received, &error) > 0)
        continue;
    EXPECT_THAT(await_for(t, event, AT_ONCE_MS),
                ("the event to be signalled when the peer has received"),
                ("that it was not"));
}

/* RD-18: network events can be selected and read: FD_WRITE is due at once, for the
 * socket can send. */
SPI_CASE(events_selectable,
         .id = "recv_disconnect.properties.events_selectable",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    WSANETWORKEVENTS events = {0};
    WSAEVENT event = new_event(t);

    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(spi_event_select(t, t->s, event, FD_WRITE));
    EXPECT_THAT(await(t, event), ("the event to be signalled"), ("that it was not"));
    EXPECT_SUCCEEDS(spi_enum_network_events(t, t->s, event, &events));
    EXPECT_THAT(events.lNetworkEvents == FD_WRITE &&
                    events.iErrorCode[FD_WRITE_BIT] == 0,
                ("FD_WRITE with code 0"),
                ("events 0x%lx", events.lNetworkEvents));
}

/* RD-18: so they can by window message. */
SPI_CASE(messages_selectable,
         .id = "recv_disconnect.properties.messages_selectable",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    HWND window = new_window(t);
    WPARAM wparam = 0;
    LPARAM lparam = 0;
    bool came;

    SETUP(recv_disconnect(t, NULL));
    EXPECT_SUCCEEDS(spi_async_select(t, t->s, window, WM_USER, FD_WRITE));
    came = await_message(t, window, WM_USER, AT_ONCE_MS, &wparam, &lparam);
    EXPECT_THAT(came, ("a message"), ("none in %d ms", AT_ONCE_MS));
    if (came)
        EXPECT_THAT(wparam == t->s && lparam == FD_WRITE,
                    ("FD_WRITE with code 0 for the socket"),
                    ("wParam 0x%llx, lParam 0x%llx",
                     (unsigned long long)wparam,
                     (unsigned long long)lparam));
}

/* RD-18: WSPSelect still takes the socket, and finds it writable. */
SPI_CASE(select_works,
         .id = "recv_disconnect.properties.select_works",
         .checks = "RD-18",
         .arrange = connected_pair)
{
    const struct timeval patience = {1, 0};
    struct outcome o;
    fd_set writable;

    FD_ZERO(&writable);
    FD_SET(t->s, &writable);
    SETUP(recv_disconnect(t, NULL));
    o = spi_select(t, NULL, &writable, NULL, &patience);
    EXPECT_SUCCEEDS(o);
    EXPECT_THAT(o.result == 1, ("one writable socket"), ("%d", o.result));
}

SPI_SUITE(recv_disconnect_properties,
          &name_kept,
          &option_kept,
          &stream_option_kept,
          &datagram_option_kept,
          &option_settable,
          &mode_settable,
          &blocking_kept,
          &nonblocking_kept,
          &selection_kept,
          &events_selectable,
          &messages_selectable,
          &select_works);
