/* WSPRecvDisconnect: descriptors that are no socket. */
#include "reception.h"

static SOCKET invalid_socket(struct spi_test *t)
{
    (void)t;
    return INVALID_SOCKET;
}

static SOCKET zero(struct spi_test *t)
{
    (void)t;
    return 0;
}

/* A value that is far from any handle, yet a multiple of four as handles are. */
static SOCKET never_issued(struct spi_test *t)
{
    (void)t;
    return 0x7ffffff0;
}

static SOCKET just_closed(struct spi_test *t)
{
    SOCKET s = SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;

    SETUP(spi_close(t, s));
    return s;
}

static SOCKET connection_just_closed(struct spi_test *t)
{
    struct peer *peer;
    SOCKET s;

    connect_pair(t, &s, &peer);
    SETUP(spi_close(t, s));
    return s;
}

static SOCKET event(struct spi_test *t)
{
    return (SOCKET)new_event(t);
}

static SOCKET file(struct spi_test *t)
{
    char path[MAX_PATH];
    HANDLE handle;

    GetModuleFileNameA(NULL, path, sizeof path);
    handle =
        CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        BLOCKED("%s cannot be opened: error %lu", path, GetLastError());
    return (SOCKET)handle;
}

static SOCKET pipe(struct spi_test *t)
{
    HANDLE reading, writing;

    if (!CreatePipe(&reading, &writing, NULL, 0))
        BLOCKED("no pipe can be made: error %lu", GetLastError());
    CloseHandle(writing);
    return (SOCKET)reading;
}

static SOCKET thread(struct spi_test *t)
{
    HANDLE handle = OpenThread(SYNCHRONIZE, FALSE, GetCurrentThreadId());

    if (!handle)
        BLOCKED("the own thread cannot be opened: error %lu", GetLastError());
    return (SOCKET)handle;
}

/* A socket of the system's Winsock, which another provider made. */
static SOCKET foreign_socket(struct spi_test *t)
{
    return peer_socket(t->peer);
}

struct descriptor {
    const char *name;
    SOCKET (*make)(struct spi_test *t);
    bool is_ours; /* a handle that the case has to close */
};

static const struct descriptor descriptors[] = {
    {"invalid_socket", invalid_socket},
    {"zero", zero},
    {"never_issued", never_issued},
    {"just_closed", just_closed},
    {"connection_just_closed", connection_just_closed},
    {"event", event},
    {"file", file, .is_ours = true},
    {"pipe", pipe, .is_ours = true},
    {"thread", thread, .is_ours = true},
};

static const struct descriptor foreign_descriptors[] = {
    {"foreign_socket", foreign_socket},
};

/* RD-12: what is no socket is refused, and a socket beside it receives as before. */
static void refuse_without_buffer(struct spi_test *t, const struct descriptor *row)
{
    SOCKET descriptor = row->make(t);

    EXPECT_FAILS(spi_recv_disconnect(t, descriptor, NULL), WSAENOTSOCK);
    if (row->is_ours)
        CloseHandle((HANDLE)descriptor);
    expect_reception(t, t->s, t->peer);
}

static void refuse_with_buffer(struct spi_test *t, const struct descriptor *row)
{
    WSABUF data = guarded_buffer(t, 64);
    SOCKET descriptor = row->make(t);
    struct outcome o = spi_recv_disconnect(t, descriptor, &data);

    if (t->entry->dwServiceFlags1 & XP1_DISCONNECT_DATA)
        EXPECT_FAILS(o, WSAENOTSOCK);
    else
        EXPECT_ONE_OF(o,
                      {WSAENOTSOCK, "the descriptor is refused"},
                      {WSAENOPROTOOPT, "the buffer is refused"});
    if (row->is_ours)
        CloseHandle((HANDLE)descriptor);
    expect_reception(t, t->s, t->peer);
}

/* RD-12: WSAENOTSOCK is the only code that fits, whatever the value stands for. */
SPI_TABLE(descriptor_is_no_socket,
          struct descriptor,
          descriptors,
          .id = "recv_disconnect.descriptor.is_no_socket",
          .checks = "RD-12",
          .arrange = connected_pair)
{
    refuse_without_buffer(t, row);
}

/* RD-12: a buffer does not make a socket of it. */
SPI_TABLE(descriptor_is_no_socket_with_buffer,
          struct descriptor,
          descriptors,
          .id = "recv_disconnect.descriptor.is_no_socket_with_buffer",
          .checks = "RD-12",
          .arrange = connected_pair)
{
    refuse_with_buffer(t, row);
}

/* RD-12: a provider with handles of its own does not know those of others. */
SPI_TABLE(descriptor_of_another_provider,
          struct descriptor,
          foreign_descriptors,
          .id = "recv_disconnect.descriptor.of_another_provider",
          .checks = "RD-12",
          .applies = {.has_not = XP1_IFS_HANDLES},
          .arrange = connected_pair)
{
    refuse_without_buffer(t, row);
}

SPI_TABLE(descriptor_of_another_provider_with_buffer,
          struct descriptor,
          foreign_descriptors,
          .id = "recv_disconnect.descriptor.of_another_provider_with_buffer",
          .checks = "RD-12",
          .applies = {.has_not = XP1_IFS_HANDLES},
          .arrange = connected_pair)
{
    refuse_with_buffer(t, row);
}

static const struct descriptor descriptors_of_nobody[] = {
    {"invalid_socket", invalid_socket},
    {"zero", zero},
    {"never_issued", never_issued},
    {"event", event},
    {"file", file, .is_ours = true},
    {"pipe", pipe, .is_ours = true},
    {"thread", thread, .is_ours = true},
};

/* RD-12, RD-4: all this is no socket where there is none at all, either. It needs
 * nothing else of a provider, so that even one that makes no sockets is asked. */
SPI_TABLE(descriptor_without_any_socket,
          struct descriptor,
          descriptors_of_nobody,
          .id = "recv_disconnect.descriptor.without_any_socket",
          .checks = "RD-12 RD-4")
{
    SOCKET descriptor = row->make(t);

    EXPECT_FAILS(spi_recv_disconnect(t, descriptor, NULL), WSAENOTSOCK);
    if (row->is_ours)
        CloseHandle((HANDLE)descriptor);
}

SPI_SUITE(recv_disconnect_descriptor,
          &descriptor_is_no_socket,
          &descriptor_is_no_socket_with_buffer,
          &descriptor_of_another_provider,
          &descriptor_of_another_provider_with_buffer,
          &descriptor_without_any_socket);
