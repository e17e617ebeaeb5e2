/* The variable part of TPDUs. */
#include "tpdu.h"

#include "expect.h"

/* A CR, CC, DR or ER with `parameters`, to be put behind a fixed part. */
static enum tpdu_error
decode(const char *fixed, const char *parameters, struct tpdu *tpdu)
{
    static uint8_t room[512];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct octets head = hex(fixed);
    struct octets tail = hex(parameters);

    write_octet(&writer, (uint8_t)(head.length + tail.length));
    write_octets(&writer, head);
    write_octets(&writer, tail);
    return tpdu_decode(octets_of(room, writer.length), TPDU_CLASS_2, tpdu);
}

#define CR "e0 0000 1001 21"
#define CC "d0 1001 2002 21"
#define DR "80 2002 1001 80"
#define ER "70 1001 00"
#define DT "f0 2002 80"

static const struct {
    const char *fixed;
    const char *parameters;
    enum tpdu_error error;
} table[] = {
    /* Cut off. */
    {CR, "c0", TPDU_PARAMETER_LENGTH},
    {CR, "c0 01", TPDU_PARAMETER_LENGTH},
    {CR, "c2 ff 41", TPDU_PARAMETER_LENGTH},
    {CR, "c0 01 0b c1", TPDU_PARAMETER_LENGTH},
    {DR, "e0", TPDU_PARAMETER_LENGTH},
    {DR, "e0 05 41 42", TPDU_PARAMETER_LENGTH},
    /* TPDU size. */
    {CR, "c0 00", TPDU_PARAMETER_LENGTH},
    {CR, "c0 02 0b 0b", TPDU_PARAMETER_LENGTH},
    {CR, "c0 01 00", TPDU_PARAMETER_VALUE},
    {CR, "c0 01 06", TPDU_PARAMETER_VALUE},
    {CR, "c0 01 07", TPDU_OK},
    {CR, "c0 01 10", TPDU_OK},
    {CR, "c0 01 11", TPDU_PARAMETER_VALUE},
    {CR, "c0 01 a2", TPDU_PARAMETER_VALUE},
    {CR, "c0 01 ff", TPDU_PARAMETER_VALUE},
    /* Selectors. */
    {CR, "c1 00 c2 00", TPDU_OK},
    {CR, "c1 20 41*32 c2 20 42*32", TPDU_OK},
    {CR, "c1 21 41*33", TPDU_PARAMETER_LENGTH},
    {CR, "c2 21 41*33", TPDU_PARAMETER_LENGTH},
    {CC, "c2 21 41*33", TPDU_PARAMETER_LENGTH},
    /* Preferred size. */
    {CR, "f0 00", TPDU_PARAMETER_LENGTH},
    {CR, "f0 05 00*4 01", TPDU_PARAMETER_LENGTH},
    {CR, "f0 01 00", TPDU_PARAMETER_VALUE},
    {CR, "f0 04 00*4", TPDU_PARAMETER_VALUE},
    /* Additional options. */
    {CR, "c6 00", TPDU_PARAMETER_LENGTH},
    {CR, "c6 02 00 00", TPDU_PARAMETER_LENGTH},
    {CR, "c6 01 ff", TPDU_OK},
    /* Qualities of service and the like: ignored, whatever they say. */
    {CR, "85 02 0000 86 03 000000 87 02 0000 88 08 00*8", TPDU_OK},
    {CC, "85 00 89 0c 00*12 8b 02 0000 f2 04 00*4", TPDU_OK},
    {CC, "c3 02 0000 c4 01 01 c5 01 00", TPDU_OK},
    /* Alternative classes: for the caller to offer. */
    {CR, "c7 02 10 00", TPDU_OK},
    {CC, "c7 01 00", TPDU_PARAMETER_UNKNOWN},
    /* Unknown ones: ignored in a CR only. */
    {CR, "08 03 010203 d0 00", TPDU_OK},
    {CC, "08 03 010203", TPDU_PARAMETER_UNKNOWN},
    {DR, "08 03 010203", TPDU_PARAMETER_UNKNOWN},
    {DR, "c1 01 41", TPDU_PARAMETER_UNKNOWN},
    {DR, "c3 02 0000 e0 00", TPDU_OK},
    {ER, "c1 02 0680", TPDU_OK},
    {ER, "e0 02 0680", TPDU_PARAMETER_UNKNOWN},
    {DT, "c3 02 0000", TPDU_PARAMETER_UNKNOWN},
    {"60 1001 00", "8a 02 0000", TPDU_OK},
};

static void test_parameters_are_checked(void)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tpdu tpdu;

        expect_about(table[i].parameters);
        EXPECT_EQUAL(decode(table[i].fixed, table[i].parameters, &tpdu),
                     table[i].error);
    }
    expect_about(NULL);
}

static void test_of_two_the_last_counts(void)
{
    struct tpdu tpdu;

    EXPECT_EQUAL(decode(CR, "c0 01 07 c2 01 41 c0 01 0b c2 01 42", &tpdu), TPDU_OK);
    EXPECT_EQUAL(tpdu.size, 2048);
    EXPECT_OCTETS(tpdu.called, "42");
}

static void test_sizes_are_powers_of_two_and_one_more(void)
{
    static const char *const codes[] = {"07", "08", "0b", "0d", "0f", "10"};
    static const uint32_t sizes[] = {128, 256, 2048, 8192, 32768, TPDU_SIZE_MAX};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char parameter[] = "c0 01 00";
        struct tpdu tpdu;

        parameter[6] = codes[i][0];
        parameter[7] = codes[i][1];
        EXPECT_EQUAL(decode(CR, parameter, &tpdu), TPDU_OK);
        EXPECT_EQUAL(tpdu.size, sizes[i]);
    }
}

static void test_preferred_size_counts_in_units_up_to_the_ceiling(void)
{
    struct tpdu tpdu;

    EXPECT_EQUAL(decode(CR, "f0 01 01", &tpdu), TPDU_OK);
    EXPECT_EQUAL(tpdu.preferred, 128);
    EXPECT_EQUAL(decode(CR, "f0 04 000001ff", &tpdu), TPDU_OK);
    EXPECT_EQUAL(tpdu.preferred, 65408);
    EXPECT_EQUAL(decode(CR, "f0 02 0200", &tpdu), TPDU_OK);
    EXPECT_EQUAL(tpdu.preferred, 65408);
    EXPECT_EQUAL(decode(CR, "f0 04 ffffffff", &tpdu), TPDU_OK);
    EXPECT_EQUAL(tpdu.preferred, 65408);
}

static void test_empty_selector_is_not_absent(void)
{
    struct tpdu tpdu;

    EXPECT_EQUAL(decode(CR, "c2 00", &tpdu), TPDU_OK);
    CU_ASSERT_PTR_NOT_NULL(tpdu.called.at);
    CU_ASSERT_PTR_NULL(tpdu.calling.at);
}

static enum tpdu_error encode(const struct tpdu *tpdu)
{
    uint8_t room[512];
    struct octet_writer writer = {.at = room, .size = sizeof room};

    return tpdu_encode(&writer, tpdu, TPDU_CLASS_2);
}

static void test_bad_parameters_are_not_written(void)
{
    struct octets text = hex("41*33");
    const struct tpdu calling = {.type = TPDU_CR, .source = 1, .calling = text};
    const struct tpdu called = {.type = TPDU_CR, .source = 1, .called = text};
    const struct tpdu odd = {.type = TPDU_CR, .source = 1, .size = 100};
    const struct tpdu small = {.type = TPDU_CR, .source = 1, .size = 64};
    const struct tpdu large = {.type = TPDU_CR, .source = 1, .size = 65536};
    const struct tpdu uneven = {.type = TPDU_CR, .source = 1, .preferred = 129};
    const struct tpdu huge = {.type = TPDU_CR, .source = 1, .preferred = 65536};
    const struct tpdu classes = {
        .type = TPDU_CC, .destination = 1, .source = 1, .alternatives = text};

    EXPECT_EQUAL(encode(&calling), TPDU_PARAMETER_LENGTH);
    EXPECT_EQUAL(encode(&called), TPDU_PARAMETER_LENGTH);
    EXPECT_EQUAL(encode(&odd), TPDU_PARAMETER_VALUE);
    EXPECT_EQUAL(encode(&small), TPDU_PARAMETER_VALUE);
    EXPECT_EQUAL(encode(&large), TPDU_PARAMETER_VALUE);
    EXPECT_EQUAL(encode(&uneven), TPDU_PARAMETER_VALUE);
    EXPECT_EQUAL(encode(&huge), TPDU_PARAMETER_VALUE);
    EXPECT_EQUAL(encode(&classes), TPDU_PARAMETER_UNKNOWN);
}

CU_TestInfo parameter_tests[] = {
    {"parameters are checked", test_parameters_are_checked},
    {"of two the last counts", test_of_two_the_last_counts},
    {"sizes are powers of two and one more", test_sizes_are_powers_of_two_and_one_more},
    {"preferred size counts in units up to the ceiling",
     test_preferred_size_counts_in_units_up_to_the_ceiling},
    {"empty selector is not absent", test_empty_selector_is_not_absent},
    {"bad parameters are not written", test_bad_parameters_are_not_written},
    CU_TEST_INFO_NULL,
};
