/* Disconnect data, for the cases of this folder. */
#ifndef WSPCHECK_RECV_DISCONNECT_FAREWELL_H
#define WSPCHECK_RECV_DISCONNECT_FAREWELL_H

#include "spi_case.h"

/* The most that the ISO transport carries. */
#define MOST_DATA 64

/* What the applies of these cases begin with. */
#define WITH_DATA .has = XP1_DISCONNECT_DATA, .orientation = CONNECTION_ORIENTED
#define GRACEFUL_WITH_DATA \
    .has = XP1_DISCONNECT_DATA | XP1_GRACEFUL_CLOSE, .orientation = CONNECTION_ORIENTED

/* Disconnect data: `size` bytes that count up from `first`, so that no two of a case
 * are alike. */
struct words {
    size_t size;
    char text[MOST_DATA];
};

struct words make_words(unsigned char first, size_t size);

/* Expects the call on s to give exactly these data, into a buffer of MOST_DATA bytes or
 * of as many as needed (`tight`), and a length that can be understood (RD-24). Of no
 * data nothing is written. */
void expect_words(struct spi_test *t, SOCKET s, const struct words *words);
void expect_words_tight(struct spi_test *t, SOCKET s, const struct words *words);

/* What a call that succeeded has put into its guarded buffer of `capacity` bytes, at
 * least as many as the words have, where pages leave it open. */
enum heard { HEARD_WORDS, HEARD_NOTHING, HEARD_OTHER };
enum heard hear(struct spi_test *t,
                const WSABUF *buffer,
                size_t capacity,
                const struct words *words);

/* WSPSendDisconnect with these data; none: a NULL pointer. */
struct outcome say(struct spi_test *t, SOCKET s, const struct words *words);

/* Expects what the provider's side said to be these data. None: a disconnect without
 * data, or a confirmation. */
void expect_peer_hears(struct spi_test *t,
                       struct peer *peer,
                       const struct words *words);

#endif
