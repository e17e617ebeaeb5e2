/* Octets with bounds: a borrowed view, and a reader and a writer that cannot leave
 * theirs. Every codec in this folder touches memory through these only. */
#ifndef ISOTP_OCTETS_H
#define ISOTP_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory of somebody else. at == NULL means "absent"; at != NULL with length 0 means
 * "present, but empty". */
struct octets {
    const uint8_t *at;
    size_t length;
};

struct octets octets_of(const void *at, size_t length);

/* The first `count` octets, or all if there are fewer. */
struct octets octets_front(struct octets octets, size_t count);

/* What octets_front leaves. */
struct octets octets_after(struct octets octets, size_t count);

/* Same length and same content; absent equals empty. */
bool octets_equal(struct octets one, struct octets other);

/* Copies all of `from` to `to`, which has room for it. */
void octets_copy(uint8_t *to, struct octets from);

/* Takes octets from the front. A read past the end gives zero or an empty view, takes
 * nothing, and sets `failed` for good: check it once, after the last read. */
struct octet_reader {
    struct octets left;
    bool failed;
};

uint8_t read_octet(struct octet_reader *reader);

/* `width` octets, 1 to 4, as a number, most significant octet first. */
uint32_t read_number(struct octet_reader *reader, size_t width);

struct octets read_octets(struct octet_reader *reader, size_t count);

/* Appends to `at`, which has room for `size` octets; `length` are written. A write that
 * does not fit writes nothing and sets `failed` for good. */
struct octet_writer {
    uint8_t *at;
    size_t size;
    size_t length;
    bool failed;
};

void write_octet(struct octet_writer *writer, uint8_t octet);

/* The low `width` octets of `number`, 1 to 4, most significant octet first. */
void write_number(struct octet_writer *writer, uint32_t number, size_t width);

void write_octets(struct octet_writer *writer, struct octets octets);

#endif
