/* What is to be written to the stream, in its order: CR or CC, then the DTs of one
 * piece of a TSDU, then DR or DC. Holds no user data of DT: the owner writes them from
 * its memory, behind the header that it finds here. */
#ifndef ISOTP_OUTBOX_H
#define ISOTP_OUTBOX_H

#include "tpdu.h"
#include "tpkt.h"

/* CR, the longest: header, two selectors, the other parameters, user data. */
enum { OUTBOX_TPDU_MAX = 128 };

/* A TPDU, or the header of one, that waits. */
struct outbox_item {
    uint8_t octets[TPKT_HEADER + OUTBOX_TPDU_MAX];
    uint8_t length;
    uint8_t written;
};

/* All zero: nothing to write. Whoever puts pieces in line first says for which
 * connection. */
struct outbox {
    struct outbox_item opening; /* CR or CC */
    struct outbox_item header;  /* of the DT under way */
    struct outbox_item closing; /* DR or DC */
    size_t payload;             /* user data of the DT under way */
    size_t behind;              /* user data of the piece behind this DT */
    bool last;                  /* the piece ends its TSDU */

    enum tpdu_format format;
    uint32_t tpdu_size;   /* of a DT, header included */
    uint16_t destination; /* reference */
    uint8_t number;       /* of the next DT */
};

/* What to write next. */
struct outbox_output {
    struct octets octets; /* first these; valid until the outbox changes */
    size_t payload;       /* then so many of the piece's user data, in sequence */
};

/* Puts a TPDU in line. False if it cannot be encoded or is too long. */
bool outbox_open(struct outbox *outbox, const struct tpdu *tpdu);
bool outbox_close(struct outbox *outbox, const struct tpdu *tpdu);

/* Puts a piece of `length` octets in line, only when outbox_has_data says no. */
void outbox_begin(struct outbox *outbox, size_t length, bool last);

bool outbox_has_data(const struct outbox *outbox);

struct outbox_output outbox_next(const struct outbox *outbox);

/* `count` octets of what outbox_next gave are written. */
void outbox_written(struct outbox *outbox, size_t count);

/* Gives up user data, but for a DT that is partly written. */
void outbox_cut(struct outbox *outbox);

bool outbox_is_empty(const struct outbox *outbox);

#endif
