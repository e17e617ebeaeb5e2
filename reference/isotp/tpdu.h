/* TPDUs of the ISO transport protocol (X.224, ISO 8073), classes 0 and 2 without
 * explicit flow control, as RFC 1006 and RFC 2126 carry them over TCP. */
#ifndef ISOTP_TPDU_H
#define ISOTP_TPDU_H

#include "octets.h"

/* The code octet without its credit bits. */
enum tpdu_type {
    TPDU_NONE = 0,
    TPDU_ED = 0x10, /* expedited data */
    TPDU_EA = 0x20, /* expedited acknowledgement */
    TPDU_RJ = 0x50, /* reject */
    TPDU_AK = 0x60, /* acknowledgement */
    TPDU_ER = 0x70, /* error */
    TPDU_DR = 0x80, /* disconnect request */
    TPDU_DC = 0xC0, /* disconnect confirm */
    TPDU_CC = 0xD0, /* connection confirm */
    TPDU_CR = 0xE0, /* connection request */
    TPDU_DT = 0xF0, /* data */
};

/* DT and ED look different in class 0, where they carry no reference. */
enum tpdu_format {
    TPDU_CLASS_2 = 0,
    TPDU_CLASS_0,
};

/* The class and option octet of CR and CC. */
enum {
    TPDU_CLASS_SHIFT = 4,
    TPDU_OPTION_EXTENDED = 0x02,        /* extended formats */
    TPDU_OPTION_NO_FLOW_CONTROL = 0x01, /* class 2 without explicit flow control */
    TPDU_OPTIONS = 0x0F,
};

/* The additional options octet of CR and CC. */
enum { TPDU_ADDITIONAL_EXPEDITED = 0x01 };

/* Reasons in a DR. */
enum {
    TPDU_REASON_UNSPECIFIED = 0,
    TPDU_REASON_CONGESTION = 1,   /* at the TSAP */
    TPDU_REASON_NOT_ATTACHED = 2, /* no session entity at the TSAP */
    TPDU_REASON_ADDRESS = 3,      /* unknown */
    TPDU_REASON_NORMAL = 128,     /* disconnected by the session entity */
    TPDU_REASON_NEGOTIATION = 130,
    TPDU_REASON_REFERENCE = 132, /* mismatched references */
    TPDU_REASON_PROTOCOL = 133,  /* protocol error */
    TPDU_REASON_LENGTH = 138,    /* of a header or a parameter is invalid */
};

enum {
    TPDU_CONNECT_DATA_MAX = 32,    /* octets of user data in CR and CC */
    TPDU_DISCONNECT_DATA_MAX = 64, /* in DR */
    TPDU_EXPEDITED_DATA_MAX = 16,
    TPDU_SELECTOR_MAX = 32, /* of a TSAP: what SOCKADDR_TP can hold */
    TPDU_LENGTH_MAX = 254,  /* of a header, its length octet not counted */
    TPDU_HEADER_MAX = 1 + TPDU_LENGTH_MAX,
    TPDU_SIZE_MIN = 128, /* of a whole TPDU */
    TPDU_SIZE_MAX = 65531,
    TPDU_PREFERRED_UNIT = 128,
    TPDU_PREFERRED_MAX = 511 * TPDU_PREFERRED_UNIT,
};

enum tpdu_error {
    TPDU_OK = 0,
    TPDU_HEADER_LENGTH, /* reserved, longer than the TPDU, or shorter than its fixed
                           part */
    TPDU_TYPE,          /* unknown code, or credit bits where there is no credit */
    TPDU_REFERENCE,     /* zero where a reference is due, or the reverse */
    TPDU_PARAMETER_LENGTH,
    TPDU_PARAMETER_VALUE,
    TPDU_PARAMETER_UNKNOWN, /* or not allowed in this TPDU */
    TPDU_DATA_LENGTH,       /* more user data, or less, than this TPDU may carry */
    TPDU_ROOM,              /* encoding only: the writer is too small */
};

/* One TPDU in host form; what a type does not have is zero. The views point into what
 * was decoded. */
struct tpdu {
    enum tpdu_type type;
    uint8_t credit;       /* CR, CC, AK, RJ */
    uint16_t destination; /* all but class 0 DT and ED */
    uint16_t source;      /* CR, CC, DR, DC */
    uint8_t class_option; /* CR, CC */
    uint8_t reason;       /* DR; in ER the reject cause */
    uint8_t number;       /* DT, ED, AK, EA, RJ: 7 bits */
    bool last;            /* DT, ED: end of the TSDU */

    /* Parameters of CR and CC. */
    struct octets calling; /* TSAP selectors */
    struct octets called;
    uint32_t size; /* of a TPDU in octets, a power of two or TPDU_SIZE_MAX; 0: absent */
    uint32_t preferred; /* preferred size in octets, a multiple of 128; 0: absent */
    bool has_additional;
    uint8_t additional;         /* options */
    struct octets alternatives; /* CR: other classes that will do, one an octet */

    struct octets information; /* DR: additional information; ER: the invalid TPDU */
    struct octets data;        /* user data */
};

/* Reads one TPDU that fills `octets` entirely. On failure `tpdu` holds what was
 * understood before: a CR that is refused can still be answered by its source
 * reference. A DC is read by its references alone; servers in the field append the rest
 * of the DR that they confirm. */
enum tpdu_error
tpdu_decode(struct octets octets, enum tpdu_format format, struct tpdu *tpdu);

/* Octets of a DT before its user data, the length octet included. */
size_t tpdu_data_header(enum tpdu_format format);

/* Writes CR, CC, DR, DC or DT, user data included; TPDU_TYPE for those that are only
 * ever received. Fails, too, for what tpdu_decode would refuse. */
enum tpdu_error tpdu_encode(struct octet_writer *writer,
                            const struct tpdu *tpdu,
                            enum tpdu_format format);

#endif
