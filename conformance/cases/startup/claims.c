/* WSPStartup: what the catalogue entry says that it is started with. */
#include "spi_case.h"

static const char word[5] = "hello";

/* An overlapped operation of the system on the handle: waits for its end and gives the
 * number of bytes. */
static DWORD finish(struct spi_test *t, OVERLAPPED *overlapped, BOOL done)
{
    DWORD error = GetLastError(), bytes = 0;

    if (!done && error != ERROR_IO_PENDING) {
        EXPECT_THAT(false,
                    ("the system takes the descriptor for a file handle"),
                    ("that it refuses it with error %lu", error));
        return 0;
    }
    if (!await(t, overlapped->hEvent)) {
        CancelIo((HANDLE)t->s);
        EXPECT_THAT(false, ("the operation to end"), ("that it did not within 5 s"));
    }
    GetOverlappedResult((HANDLE)t->s, overlapped, &bytes, TRUE);
    return bytes;
}

/* PI-1: ReadFile receives. */
SPI_CASE(claims_read_file,
         .id = "startup.claims.read_file_receives",
         .checks = "PI-1",
         .applies = {.has = XP1_IFS_HANDLES, .orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    OVERLAPPED overlapped = {.hEvent = new_event(t)};
    char got[sizeof word] = "";
    BOOL done;
    DWORD bytes;

    peer_sends(t, t->peer, word, sizeof word);
    await_readable(t, t->s);
    done = ReadFile((HANDLE)t->s, got, sizeof got, NULL, &overlapped);
    bytes = finish(t, &overlapped, done);
    if (!spi_clean(t))
        return;
    EXPECT_THAT(
        bytes == sizeof word, ("%d bytes", (int)sizeof word), ("%lu bytes", bytes));
    EXPECT_BYTES(got, word, bytes < sizeof word ? bytes : sizeof word);
}

/* PI-1: WriteFile sends. */
SPI_CASE(claims_write_file,
         .id = "startup.claims.write_file_sends",
         .checks = "PI-1",
         .applies = {.has = XP1_IFS_HANDLES, .orientation = CONNECTION_ORIENTED},
         .arrange = connected_pair)
{
    OVERLAPPED overlapped = {.hEvent = new_event(t)};
    char got[sizeof word] = "";
    BOOL done = WriteFile((HANDLE)t->s, word, sizeof word, NULL, &overlapped);
    DWORD bytes = finish(t, &overlapped, done);
    int error = 0;

    if (!spi_clean(t))
        return;
    EXPECT_THAT(
        bytes == sizeof word, ("%d bytes", (int)sizeof word), ("%lu bytes", bytes));
    if (peer_receives(t, t->peer, got, sizeof got, &error) < 0)
        EXPECT_THAT(false, ("the peer to receive"), ("%s", error_text(error)));
    EXPECT_BYTES(got, word, sizeof word);
}

/* PI-2: a descriptor is announced by the upcall that belongs to its kind. */
SPI_CASE(claims_announced,
         .id = "startup.claims.descriptor_is_announced",
         .checks = "PI-2",
         .arrange = fresh_socket)
{
    bool ifs = t->entry->dwServiceFlags1 & XP1_IFS_HANDLES;
    const char *upcall = ifs ? "WPUModifyIFSHandle" : "WPUCreateSocketHandle";

    EXPECT_THAT(upcall_count(t, upcall) > 0,
                ("WSPSocket to call %s", upcall),
                ("WPUModifyIFSHandle %u times, WPUCreateSocketHandle %u times",
                 upcall_count(t, "WPUModifyIFSHandle"),
                 upcall_count(t, "WPUCreateSocketHandle")));
}

/* PI-3: a graceful close is of connections. */
SPI_CASE(claims_graceful_close,
         .id = "startup.claims.graceful_close_has_connections",
         .checks = "PI-3",
         .applies = {.has = XP1_GRACEFUL_CLOSE})
{
    EXPECT_THAT(!(t->entry->dwServiceFlags1 & XP1_CONNECTIONLESS),
                ("XP1_GRACEFUL_CLOSE in entries of connection-oriented protocols"),
                ("it next to XP1_CONNECTIONLESS"));
}

/* PI-4: only messages can be read as if they were a stream. */
SPI_CASE(claims_pseudo_stream,
         .id = "startup.claims.pseudo_stream_has_messages",
         .checks = "PI-4",
         .applies = {.has = XP1_PSEUDO_STREAM})
{
    EXPECT_THAT(t->entry->dwServiceFlags1 & XP1_MESSAGE_ORIENTED,
                ("XP1_PSEUDO_STREAM in entries of message-oriented protocols"),
                ("it without XP1_MESSAGE_ORIENTED"));
}

SPI_SUITE(startup_claims,
          &claims_read_file,
          &claims_write_file,
          &claims_announced,
          &claims_graceful_close,
          &claims_pseudo_stream);
