/* ISO transport (X.224 class 2 and class 0) on TCP as octets: builds TPDUs in TPKTs,
 * right ones and deliberately wrong ones. Fixed buffers, no allocation, no sockets.
 *
 * Numbers are in host order here; octets in network order. */
#ifndef WSPCHECK_ISOTP_OCTETS_H
#define WSPCHECK_ISOTP_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ISOTP_TPKT_HEADER = 4,
    ISOTP_TPKT_MAX = 65535,
    ISOTP_VARIABLE_MAX = 254, /* octets that a length indicator can count */
    ISOTP_CONNECT_DATA_MAX = 32,
    ISOTP_DISCONNECT_DATA_MAX = 64
};

enum {
    ISOTP_CLASS_0 = 0x00,
    ISOTP_CLASS_2 = 0x21, /* without explicit flow control */
    ISOTP_EOT = 0x80      /* in a TPDU number: last TPDU of its message */
};

/* Reasons of a DR. */
enum {
    ISOTP_REASON_NOT_SPECIFIED = 0,
    ISOTP_REASON_CONGESTION = 1,
    ISOTP_REASON_NOT_ATTACHED = 2,
    ISOTP_REASON_ADDRESS_UNKNOWN = 3,
    ISOTP_REASON_NORMAL = 128,
    ISOTP_REASON_NEGOTIATION_FAILED = 130,
    ISOTP_REASON_PROTOCOL_ERROR = 133
};

/* Parameters of the variable part. */
enum {
    ISOTP_TPDU_SIZE = 0xC0,     /* one octet: logarithm of the size to base 2 */
    ISOTP_CALLING_TSEL = 0xC1,  /* in an ER: the rejected TPDU */
    ISOTP_REJECTED_TPDU = 0xC1, /* in an ER */
    ISOTP_CALLED_TSEL = 0xC2,
    ISOTP_VERSION = 0xC4,
    ISOTP_PROTECTION = 0xC5,
    ISOTP_OPTIONS = 0xC6, /* bit 0x01: expedited data */
    ISOTP_ALTERNATIVE_CLASSES = 0xC7,
    ISOTP_ADDITIONAL_INFORMATION = 0xE0,
    ISOTP_PREFERRED_SIZE = 0xF0 /* in units of 128 octets */
};

enum isotp_kind {
    ISOTP_NO_TPDU,
    ISOTP_CR,
    ISOTP_CC,
    ISOTP_DR,
    ISOTP_DC,
    ISOTP_DT,
    ISOTP_DT_CLASS_0,
    ISOTP_ED,
    ISOTP_ED_CLASS_0, /* the shape that RFC 1006 gives it */
    ISOTP_AK,
    ISOTP_EA,
    ISOTP_ER
};

/* Octets put together piece by piece; begin with size 0. */
struct isotp_octets {
    size_t size;
    unsigned char octets[ISOTP_TPKT_MAX];
};

/* A value to be sent in place of the right one: ISOTP_FORGED(0). */
struct isotp_forged {
    bool on;
    unsigned value;
};

#define ISOTP_FORGED(forged_value) \
    ((struct isotp_forged){.on = true, .value = (forged_value)})

/* One TPDU. Members that its kind does not have are ignored. Any value can be given to
 * any member, sensible or not. */
struct isotp_tpdu {
    enum isotp_kind kind;
    uint16_t credit;       /* CR, CC, AK: low half of the code octet */
    uint16_t destination;  /* DST-REF */
    uint16_t source;       /* SRC-REF */
    uint16_t class_option; /* CR, CC */
    uint16_t reason;       /* DR; ER: the cause */
    uint16_t number;       /* DT, ED: with ISOTP_EOT; AK, EA: what is acknowledged */
    size_t variable_size;
    unsigned char variable[ISOTP_VARIABLE_MAX];
    const void *data; /* borrowed */
    size_t data_size;
    /* What only a liar sends otherwise. */
    struct isotp_forged version;  /* TPKT, octet 1 */
    struct isotp_forged reserved; /* TPKT, octet 2 */
    struct isotp_forged length;   /* TPKT, octets 3-4 */
    struct isotp_forged li;       /* length indicator */
    struct isotp_forged code;     /* whole code octet */
};

/* A parameter in somebody's variable part, borrowed from there. */
struct isotp_parameter {
    unsigned char code;
    unsigned char size;
    const unsigned char *value;
    size_t offset; /* of its code octet in the variable part */
};

/* "DR". */
const char *isotp_kind_name(enum isotp_kind kind);

/* Adds a parameter, or octets of any sort, to the variable part; false: no room. */
bool isotp_tpdu_add(struct isotp_tpdu *tpdu,
                    unsigned char code,
                    const void *value,
                    size_t size);
bool isotp_tpdu_add_raw(struct isotp_tpdu *tpdu, const void *octets, size_t size);

/* The first parameter at or behind `offset`, and the one with this code; false: none.
 */
bool isotp_tpdu_parameter_at(const struct isotp_tpdu *tpdu,
                             size_t offset,
                             struct isotp_parameter *parameter);
bool isotp_tpdu_parameter(const struct isotp_tpdu *tpdu,
                          unsigned char code,
                          struct isotp_parameter *parameter);

/* Each appends all or nothing; false: no room, or for _hex no hexadecimal digits. */
bool isotp_octets_add(struct isotp_octets *octets, const void *data, size_t size);
/* "0300 0007"; blanks between octets are ignored. */
bool isotp_octets_add_hex(struct isotp_octets *octets, const char *hex);
/* The bare TPDU; false also if its header is too long for a length indicator. */
bool isotp_octets_add_tpdu(struct isotp_octets *octets, const struct isotp_tpdu *tpdu);
/* The TPDU in a TPKT. */
bool isotp_octets_add_tpkt(struct isotp_octets *octets, const struct isotp_tpdu *tpdu);
/* Puts one TPKT header before all that is there, as for concatenated TPDUs. */
bool isotp_octets_wrap(struct isotp_octets *octets);

#endif
