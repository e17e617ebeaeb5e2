#include "farewell.h"

struct words make_words(unsigned char first, size_t size)
{
    struct words words = {.size = size};

    for (size_t i = 0; i < size; i++)
        words.text[i] = (char)(unsigned char)(first + i);
    return words;
}

static void
expect_length(struct spi_test *t, const WSABUF *buffer, size_t capacity, size_t size)
{
    EXPECT_THAT(buffer->len == size || buffer->len == capacity,
                ("len is %u, the number of bytes, or %u, unchanged",
                 (unsigned)size,
                 (unsigned)capacity),
                ("len is %lu", buffer->len));
    if (size != capacity)
        OBSERVED("RD-24",
                 "len is %s",
                 buffer->len == size ? "set to the number of bytes" : "left unchanged");
}

static void expect_words_in(struct spi_test *t,
                            SOCKET s,
                            const struct words *words,
                            size_t capacity)
{
    WSABUF buffer = guarded_buffer(t, capacity);
    const WSABUF given = buffer;
    const char *disconnect_data = given.buf;
    struct outcome o = spi_recv_disconnect(t, s, &buffer);

    EXPECT_SUCCEEDS(o);
    if (o.failed)
        return;
    EXPECT_THAT(buffer.buf == disconnect_data,
                ("the buffer stays where it is"),
                ("buf has been changed"));
    EXPECT_BYTES(disconnect_data, words->text, words->size);
    if (words->size)
        EXPECT_THAT(hear(t, &given, capacity, words) != HEARD_NOTHING,
                    ("%u bytes of disconnect data delivered", (unsigned)words->size),
                    ("success, but nothing was written to the buffer"));
    else
        EXPECT_THAT(guarded_untouched(t, disconnect_data, capacity),
                    ("no data: nothing written"),
                    ("something was written to the buffer"));
    expect_length(t, &buffer, capacity, words->size);
}

void expect_words(struct spi_test *t, SOCKET s, const struct words *words)
{
    expect_words_in(t, s, words, MOST_DATA);
}

void expect_words_tight(struct spi_test *t, SOCKET s, const struct words *words)
{
    expect_words_in(t, s, words, words->size);
}

enum heard hear(struct spi_test *t,
                const WSABUF *buffer,
                size_t capacity,
                const struct words *words)
{
    if (words->size && !memcmp(buffer->buf, words->text, words->size))
        return HEARD_WORDS;
    return guarded_untouched(t, buffer->buf, capacity) ? HEARD_NOTHING : HEARD_OTHER;
}

struct outcome say(struct spi_test *t, SOCKET s, const struct words *words)
{
    struct words copy = *words;
    WSABUF buffer = {(ULONG)copy.size, copy.text};

    return spi_send_disconnect(t, s, copy.size ? &buffer : NULL);
}

void expect_peer_hears(struct spi_test *t, struct peer *peer, const struct words *words)
{
    struct farewell heard = peer_takes_farewell(t, peer);
    bool silent = heard.kind == CONFIRMATION && !words->size;

    EXPECT_THAT((heard.kind == DISCONNECT && heard.size == words->size) || silent,
                ("the peer gets a disconnect with %u bytes of data%s",
                 (unsigned)words->size,
                 words->size ? "" : ", or a confirmation"),
                ("%s, %u bytes of data", heard.why, (unsigned)heard.size));
    if (heard.size == words->size)
        EXPECT_BYTES(heard.data, words->text, words->size);
}
