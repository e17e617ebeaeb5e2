/* What the parts of the driver share. */
#ifndef WSPCHECK_DRIVE_PRIVATE_H
#define WSPCHECK_DRIVE_PRIVATE_H

#include "spi_case.h"
#include "text.h"

#define DRIVE_WORDS 5
#define DRIVE_SOCKETS 256
#define DRIVE_PEERS 256
/* Bytes of data in a command, and in an answer. */
#define DRIVE_DATA 4096

/* A command on its way: its words, and the answer as far as it is known. */
struct drive {
    struct spi_test *t;
    const char *words[DRIVE_WORDS]; /* the name and its arguments; the rest is "" */
    struct text *answer;            /* members of a JSON object */
};

struct drive_command {
    const char *name;
    unsigned arguments;
    void (*obey)(struct drive *d);
};

/* Ended by an element without name. */
extern const struct drive_command drive_calls[];
extern const struct drive_command drive_peers[];

/* Arguments; one that is none ends the command as `blocked`. */
unsigned drive_number(const struct drive *d, unsigned index);
bool drive_is_null(const struct drive *d, unsigned index);
/* Bytes in memory of the running case. */
WSABUF drive_data(const struct drive *d, unsigned index);
/* Socket 0 is INVALID_SOCKET. */
SOCKET drive_socket(const struct drive *d, unsigned index);
struct peer *drive_peer(const struct drive *d, unsigned index);

/* Parts of the answer: what a call did; bytes; the number of what is new. */
void drive_tell(struct drive *d, struct outcome outcome);
void drive_tell_data(struct drive *d, const void *data, size_t size);
void drive_tell_socket(struct drive *d, SOCKET s);
void drive_tell_peer(struct drive *d, struct peer *peer);

#endif
