/* TPDUs against octets that an independent dissector read the same way. */
#include "tpdu.h"
#include "tpkt.h"

#include "expect.h"

/* What two of the most frequent sets of parameters say. */
#define SELECTORS \
    .size = 2048, .calling = {(const uint8_t *)"CLI", 3}, \
    .called = {(const uint8_t *)"SRV", 3}
#define TEXT(text) \
    { \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }

/* A whole TPKT and what it means. */
struct vector {
    const char *name;
    const char *octets;
    enum tpdu_format format;
    bool is_sent; /* and not only received */
    struct tpdu tpdu;
};

static const struct vector vectors[] = {
    {.name = "CR, class 2",
     .octets = "0300001d 16e000001001 21 c0010b c103434c49 c203535256 c60100 6869",
     .is_sent = true,
     .tpdu = {.type = TPDU_CR,
              .source = 0x1001,
              .class_option = 0x21,
              SELECTORS,
              .has_additional = true,
              .data = TEXT("hi")}},
    {.name = "CC, class 2",
     .octets = "0300001d 16d010012002 21 c0010b c103434c49 c203535256 c60100 6f6b",
     .is_sent = true,
     .tpdu = {.type = TPDU_CC,
              .destination = 0x1001,
              .source = 0x2002,
              .class_option = 0x21,
              SELECTORS,
              .has_additional = true,
              .data = TEXT("ok")}},
    {.name = "CR, class 0",
     .octets = "0300001a 13e000001001 00 c0010b c103434c49 c203535256 6869",
     .format = TPDU_CLASS_0,
     .is_sent = true,
     .tpdu = {.type = TPDU_CR, .source = 0x1001, SELECTORS, .data = TEXT("hi")}},
    {.name = "CC, class 0",
     .octets = "0300001a 13d010012002 00 c0010b c103434c49 c203535256 6f6b",
     .format = TPDU_CLASS_0,
     .is_sent = true,
     .tpdu = {.type = TPDU_CC,
              .destination = 0x1001,
              .source = 0x2002,
              SELECTORS,
              .data = TEXT("ok")}},
    {.name = "DT, class 0",
     .octets = "0300000b 02f080 64617461",
     .format = TPDU_CLASS_0,
     .is_sent = true,
     .tpdu = {.type = TPDU_DT, .last = true, .data = TEXT("data")}},
    {.name = "DT, class 2",
     .octets = "0300000d 04f0200280 64617461",
     .is_sent = true,
     .tpdu =
         {.type = TPDU_DT, .destination = 0x2002, .last = true, .data = TEXT("data")}},
    {.name = "ED, class 2",
     .octets = "0300000a 0410200280 78",
     .tpdu = {.type = TPDU_ED, .destination = 0x2002, .last = true, .data = TEXT("x")}},
    {.name = "EA, class 2",
     .octets = "03000009 0420100100",
     .tpdu = {.type = TPDU_EA, .destination = 0x1001}},
    {.name = "ED, class 0",
     .octets = "03000008 021080 78",
     .format = TPDU_CLASS_0,
     .tpdu = {.type = TPDU_ED, .last = true, .data = TEXT("x")}},
    {.name = "DR",
     .octets = "0300000e 06802002100180 627965",
     .is_sent = true,
     .tpdu = {.type = TPDU_DR,
              .destination = 0x2002,
              .source = 0x1001,
              .reason = TPDU_REASON_NORMAL,
              .data = TEXT("bye")}},
    {.name = "DR, a refusal",
     .octets = "0300000b 06801001000003",
     .is_sent = true,
     .tpdu = {.type = TPDU_DR, .destination = 0x1001, .reason = TPDU_REASON_ADDRESS}},
    {.name = "DC",
     .octets = "0300000a 05c010012002",
     .is_sent = true,
     .tpdu = {.type = TPDU_DC, .destination = 0x1001, .source = 0x2002}},
    {.name = "ER",
     .octets = "0300000d 0870100102 c1020680",
     .tpdu = {.type = TPDU_ER,
              .destination = 0x1001,
              .reason = 2,
              .information = TEXT("\x06\x80")}},
    /* Not in the list of vectors, but of the same kind. */
    {.name = "AK",
     .octets = "03000009 046f100105",
     .tpdu = {.type = TPDU_AK, .credit = 15, .destination = 0x1001, .number = 5}},
    {.name = "RJ",
     .octets = "03000009 0451100105",
     .tpdu = {.type = TPDU_RJ, .credit = 1, .destination = 0x1001, .number = 5}},
    {.name = "DR with additional information",
     .octets = "03000014 0c8020021001 82 e004 66756c6c 627965",
     .is_sent = true,
     .tpdu = {.type = TPDU_DR,
              .destination = 0x2002,
              .source = 0x1001,
              .reason = 0x82,
              .information = TEXT("full"),
              .data = TEXT("bye")}},
    {.name = "DT in the middle of a TSDU, number 127",
     .octets = "0300000a 04f020027f 64",
     .is_sent = true,
     .tpdu =
         {.type = TPDU_DT, .destination = 0x2002, .number = 127, .data = TEXT("d")}},
    {.name = "CR with every parameter that we send",
     .octets = "0300001d 18e000001001 21 c0010d c10141 c200 c60100 c70100 f00201ff",
     .is_sent = true,
     .tpdu = {.type = TPDU_CR,
              .source = 0x1001,
              .class_option = 0x21,
              .size = 8192,
              .preferred = TPDU_PREFERRED_MAX,
              .calling = TEXT("A"),
              .called = TEXT(""),
              .has_additional = true,
              .alternatives = TEXT("\0")}},
};

static void expect_same(const struct tpdu *found, const struct tpdu *wanted)
{
    EXPECT_EQUAL(found->type, wanted->type);
    EXPECT_EQUAL(found->credit, wanted->credit);
    EXPECT_EQUAL(found->destination, wanted->destination);
    EXPECT_EQUAL(found->source, wanted->source);
    EXPECT_EQUAL(found->class_option, wanted->class_option);
    EXPECT_EQUAL(found->reason, wanted->reason);
    EXPECT_EQUAL(found->number, wanted->number);
    EXPECT_EQUAL(found->last, wanted->last);
    EXPECT_EQUAL(found->size, wanted->size);
    EXPECT_EQUAL(found->preferred, wanted->preferred);
    EXPECT_EQUAL(found->has_additional, wanted->has_additional);
    EXPECT_EQUAL(found->additional, wanted->additional);
    CU_ASSERT(octets_equal(found->calling, wanted->calling));
    CU_ASSERT(octets_equal(found->called, wanted->called));
    EXPECT_EQUAL(found->called.at != NULL, wanted->called.at != NULL);
    CU_ASSERT(octets_equal(found->alternatives, wanted->alternatives));
    CU_ASSERT(octets_equal(found->information, wanted->information));
    CU_ASSERT(octets_equal(found->data, wanted->data));
}

static void test_vectors_are_read(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct octets packet = hex(vectors[i].octets);
        struct tpdu tpdu;
        size_t length = 0;

        expect_about(vectors[i].name);
        EXPECT_EQUAL(tpkt_decode(packet, &length), TPKT_OK);
        EXPECT_EQUAL(length, packet.length - TPKT_HEADER);
        EXPECT_EQUAL(
            tpdu_decode(octets_after(packet, TPKT_HEADER), vectors[i].format, &tpdu),
            TPDU_OK);
        expect_same(&tpdu, &vectors[i].tpdu);
    }
    expect_about(NULL);
}

static void test_vectors_are_written(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        uint8_t room[128];
        struct octet_writer writer = {.at = room, .size = sizeof room};
        struct octets packet = hex(vector->octets);

        if (!vector->is_sent)
            continue;
        expect_about(vector->name);
        tpkt_encode(&writer, packet.length - TPKT_HEADER);
        EXPECT_EQUAL(tpdu_encode(&writer, &vector->tpdu, vector->format), TPDU_OK);
        EXPECT_OCTETS(octets_of(room, writer.length), vector->octets);
    }
    expect_about(NULL);
}

static void test_received_only_are_not_written(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t room[128];
        struct octet_writer writer = {.at = room, .size = sizeof room};

        if (vectors[i].is_sent)
            continue;
        EXPECT_EQUAL(tpdu_encode(&writer, &vectors[i].tpdu, vectors[i].format),
                     TPDU_TYPE);
        EXPECT_EQUAL(writer.length, 0);
    }
}

/* No octet of a vector can be missing: there is no length at which another TPDU of the
 * same kind would be complete, but for user data. */
static void test_every_truncation_is_refused_or_shorter_data(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct octets whole = octets_after(hex(vectors[i].octets), TPKT_HEADER);

        for (size_t length = 0; length < whole.length; length++) {
            struct tpdu tpdu;
            enum tpdu_error error =
                tpdu_decode(octets_front(whole, length), vectors[i].format, &tpdu);

            if (length <= whole.at[0])
                EXPECT_EQUAL(error, TPDU_HEADER_LENGTH);
        }
    }
}

/* Octets of a TPDU without TPKT, and why they are refused. */
static const struct {
    const char *octets;
    enum tpdu_format format;
    enum tpdu_error error;
} refused[] = {
    {"", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"00 f0 80", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"01 f0 80", TPDU_CLASS_0, TPDU_HEADER_LENGTH},
    {"03 f0 20 02", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"05 e0 0000 1001", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"05 d0 1001 2002", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"05 80 2002 1001", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"04 c0 1001 20", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"03 70 1001", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"ff 80 2002 1001 80 00*255", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    {"07 80 2002 1001 80", TPDU_CLASS_2, TPDU_HEADER_LENGTH},
    /* Types, and credit bits where there is no credit. */
    {"06 00 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"06 30 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"06 40 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"06 90 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"06 a0 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"06 b0 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"06 81 2002 1001 80", TPDU_CLASS_2, TPDU_TYPE},
    {"05 cf 1001 2002", TPDU_CLASS_2, TPDU_TYPE},
    {"04 f1 2002 80", TPDU_CLASS_2, TPDU_TYPE},
    {"04 11 2002 80 78", TPDU_CLASS_2, TPDU_TYPE},
    {"04 21 1001 00", TPDU_CLASS_2, TPDU_TYPE},
    {"04 71 1001 00", TPDU_CLASS_2, TPDU_TYPE},
    /* References. */
    {"06 e0 0001 1001 21", TPDU_CLASS_2, TPDU_REFERENCE},
    {"06 e0 0000 0000 21", TPDU_CLASS_2, TPDU_REFERENCE},
    {"06 d0 0000 2002 21", TPDU_CLASS_2, TPDU_REFERENCE},
    {"06 d0 1001 0000 21", TPDU_CLASS_2, TPDU_REFERENCE},
    /* User data. */
    {"06 e0 0000 1001 21 41*33", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"06 d0 1001 2002 21 41*33", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"06 80 2002 1001 80 41*65", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"04 10 2002 80", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"04 10 2002 80 41*17", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"02 10 80", TPDU_CLASS_0, TPDU_DATA_LENGTH},
    {"02 10 80 41*17", TPDU_CLASS_0, TPDU_DATA_LENGTH},
    {"04 20 1001 00 00", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"04 60 1001 00 06 80 2002 1001 80", TPDU_CLASS_2, TPDU_DATA_LENGTH},
    {"04 70 1001 00 00", TPDU_CLASS_2, TPDU_DATA_LENGTH},
};

static void test_malformed_are_refused(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct tpdu tpdu;

        expect_about(refused[i].octets);
        EXPECT_EQUAL(tpdu_decode(hex(refused[i].octets), refused[i].format, &tpdu),
                     refused[i].error);
    }
    expect_about(NULL);
}

static void test_largest_user_data_are_taken(void)
{
    struct tpdu tpdu;

    EXPECT_EQUAL(tpdu_decode(hex("06 e0 0000 1001 21 41*32"), TPDU_CLASS_2, &tpdu),
                 TPDU_OK);
    EXPECT_EQUAL(tpdu.data.length, 32);
    EXPECT_EQUAL(tpdu_decode(hex("06 80 2002 1001 80 41*64"), TPDU_CLASS_2, &tpdu),
                 TPDU_OK);
    EXPECT_EQUAL(tpdu.data.length, 64);
    EXPECT_EQUAL(tpdu_decode(hex("04 10 2002 80 41*16"), TPDU_CLASS_2, &tpdu), TPDU_OK);
    EXPECT_EQUAL(tpdu_decode(hex("04 f0 2002 80 41*65526"), TPDU_CLASS_2, &tpdu),
                 TPDU_OK);
    EXPECT_EQUAL(tpdu.data.length, 65526);
}

static void test_dc_is_read_by_its_references_alone(void)
{
    struct tpdu tpdu;

    /* Snap7's server turns a DR into the DC by changing its code. */
    EXPECT_EQUAL(tpdu_decode(hex("06 c0 1001 2002 80 627965"), TPDU_CLASS_2, &tpdu),
                 TPDU_OK);
    EXPECT_EQUAL(tpdu.source, 0x2002);
    EXPECT_EQUAL(tpdu.data.length, 0);
}

static void test_refused_cr_still_names_its_source(void)
{
    struct tpdu tpdu;

    EXPECT_EQUAL(tpdu_decode(hex("09 e0 0000 1001 21 c001a2"), TPDU_CLASS_2, &tpdu),
                 TPDU_PARAMETER_VALUE);
    EXPECT_EQUAL(tpdu.type, TPDU_CR);
    EXPECT_EQUAL(tpdu.source, 0x1001);
}

static enum tpdu_error encode(const struct tpdu *tpdu, size_t size)
{
    static uint8_t room[70000];
    struct octet_writer writer = {.at = room, .size = size};

    return tpdu_encode(&writer, tpdu, TPDU_CLASS_2);
}

static void test_nothing_is_written_that_would_be_refused(void)
{
    struct octets long_text = hex("41*300");
    struct octets most = hex("41*65527");
    const struct tpdu cr = {.type = TPDU_CR, .destination = 1, .source = 1};
    const struct tpdu cc = {.type = TPDU_CC, .source = 1};
    const struct tpdu farewell = {.type = TPDU_DR, .data = octets_front(long_text, 65)};
    const struct tpdu excuse = {.type = TPDU_DR, .information = long_text};
    const struct tpdu credit = {.type = TPDU_DR, .credit = 1};
    const struct tpdu dc = {.type = TPDU_DC, .data = octets_front(long_text, 1)};
    const struct tpdu dt = {.type = TPDU_DT, .data = most};
    const struct tpdu none = {.type = TPDU_NONE};
    const struct tpdu full = {.type = TPDU_DT, .data = octets_front(most, 65526)};

    EXPECT_EQUAL(encode(&cr, 70000), TPDU_REFERENCE);
    EXPECT_EQUAL(encode(&cc, 70000), TPDU_REFERENCE);
    EXPECT_EQUAL(encode(&farewell, 70000), TPDU_DATA_LENGTH);
    EXPECT_EQUAL(encode(&excuse, 70000), TPDU_HEADER_LENGTH);
    EXPECT_EQUAL(encode(&credit, 70000), TPDU_TYPE);
    EXPECT_EQUAL(encode(&dc, 70000), TPDU_DATA_LENGTH);
    EXPECT_EQUAL(encode(&dt, 70000), TPDU_DATA_LENGTH);
    EXPECT_EQUAL(encode(&none, 70000), TPDU_TYPE);
    EXPECT_EQUAL(encode(&full, 70000), TPDU_OK);
}

static void test_too_little_room_is_said(void)
{
    const struct tpdu dr = {.type = TPDU_DR, .destination = 1, .source = 1};

    EXPECT_EQUAL(encode(&dr, 7), TPDU_OK);
    for (size_t size = 0; size < 7; size++)
        EXPECT_EQUAL(encode(&dr, size), TPDU_ROOM);
}

CU_TestInfo tpdu_tests[] = {
    {"vectors are read", test_vectors_are_read},
    {"vectors are written", test_vectors_are_written},
    {"received only are not written", test_received_only_are_not_written},
    {"every truncation is refused or shorter data",
     test_every_truncation_is_refused_or_shorter_data},
    {"malformed are refused", test_malformed_are_refused},
    {"largest user data are taken", test_largest_user_data_are_taken},
    {"DC is read by its references alone", test_dc_is_read_by_its_references_alone},
    {"refused CR still names its source", test_refused_cr_still_names_its_source},
    {"nothing is written that would be refused",
     test_nothing_is_written_that_would_be_refused},
    {"too little room is said", test_too_little_room_is_said},
    CU_TEST_INFO_NULL,
};
