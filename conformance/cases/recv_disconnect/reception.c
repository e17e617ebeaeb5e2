#include "reception.h"

static const char queued[] = "queued before";

void nonblocking_pair(struct spi_test *t)
{
    connected_pair(t);
    SETUP(spi_set_nonblocking(t, t->s, true));
}

void data_queued(struct spi_test *t)
{
    connected_pair(t);
    queue_data(t);
}

void queue_data(struct spi_test *t)
{
    peer_sends(t, t->peer, queued, sizeof queued);
    await_readable(t, t->s);
}

bool expect_readable(struct spi_test *t, SOCKET s, long seconds)
{
    const struct timeval timeout = {.tv_sec = seconds};
    struct outcome selected;
    fd_set readable;

    FD_ZERO(&readable);
    FD_SET(s, &readable);
    selected = spi_select(t, &readable, NULL, NULL, &timeout);
    EXPECT_THAT(!selected.failed && selected.result == 1,
                ("data that can be received on socket 0x%llx", (unsigned long long)s),
                ("WSPSelect gave %d, %s",
                 selected.result,
                 selected.failed ? error_text(selected.error) : "nothing to read"));
    return !selected.failed && selected.result == 1;
}

void expect_received(struct spi_test *t, SOCKET s, const void *data, size_t size)
{
    char received[256] = {0};
    struct outcome o;

    if (!expect_readable(t, s, 5))
        return;
    o = spi_recv(t, s, received, sizeof received, 0);
    EXPECT_SUCCEEDS(o);
    if (o.failed)
        return;
    EXPECT_THAT(o.bytes == size,
                ("%u bytes received", (unsigned)size),
                ("%lu bytes received", o.bytes));
    EXPECT_BYTES(received, data, size);
}

bool keeps_messages(const struct spi_test *t)
{
    DWORD flags = t->entry->dwServiceFlags1;

    return (flags & XP1_MESSAGE_ORIENTED) && !(flags & XP1_PSEUDO_STREAM);
}

void expect_end(struct spi_test *t, SOCKET s)
{
    struct outcome o;
    char byte;

    if (!expect_readable(t, s, 5))
        return;
    o = spi_recv(t, s, &byte, sizeof byte, 0);
    if (keeps_messages(t)) {
        EXPECT_FAILS(o, WSAEDISCON);
        return;
    }
    EXPECT_SUCCEEDS(o);
    EXPECT_THAT(o.failed || o.bytes == 0,
                ("end of the connection"),
                ("%lu bytes received", o.bytes));
}

void see_end(struct spi_test *t, SOCKET s)
{
    struct outcome o;
    char byte;

    await_readable(t, s);
    o = spi_recv(t, s, &byte, sizeof byte, 0);
    if (o.failed ? o.error != WSAEDISCON : o.bytes != 0)
        BLOCKED("the graceful end was not seen: %s",
                o.failed ? error_text(o.error) : "data received");
}

void expect_reception(struct spi_test *t, SOCKET s, struct peer *peer)
{
    static const char message[] = "still here";

    peer_sends(t, peer, message, sizeof message);
    expect_received(t, s, message, sizeof message);
}

void expect_queued_data(struct spi_test *t)
{
    expect_received(t, t->s, queued, sizeof queued);
}
