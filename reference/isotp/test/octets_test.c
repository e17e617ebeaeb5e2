#include "expect.h"

static void test_reading_past_the_end_fails_for_good(void)
{
    struct octet_reader reader = {.left = hex("01 02 03")};

    EXPECT_EQUAL(read_number(&reader, 2), 0x0102);
    EXPECT_EQUAL(read_number(&reader, 2), 0);
    EXPECT_EQUAL(reader.failed, true);
    EXPECT_EQUAL(read_octet(&reader), 0);
    EXPECT_EQUAL(read_octets(&reader, 0).length, 0);
    EXPECT_EQUAL(reader.left.length, 1);
}

static void test_reading_all_does_not_fail(void)
{
    struct octet_reader reader = {.left = hex("01 02 03 04 05")};

    EXPECT_EQUAL(read_octet(&reader), 1);
    EXPECT_EQUAL(read_number(&reader, 4), 0x02030405);
    EXPECT_OCTETS(read_octets(&reader, 0), "");
    EXPECT_EQUAL(reader.failed, false);
}

static void test_reading_nothing_from_nothing(void)
{
    struct octet_reader reader = {.left = octets_of(NULL, 0)};

    EXPECT_EQUAL(read_octets(&reader, 0).length, 0);
    EXPECT_EQUAL(reader.failed, false);
    EXPECT_EQUAL(read_octet(&reader), 0);
    EXPECT_EQUAL(reader.failed, true);
}

static void test_writing_what_does_not_fit_writes_nothing(void)
{
    uint8_t room[3] = {0};
    struct octet_writer writer = {.at = room, .size = sizeof room};

    write_number(&writer, 0x0102, 2);
    write_number(&writer, 0x0304, 2);
    EXPECT_EQUAL(writer.failed, true);
    write_octet(&writer, 5);
    EXPECT_OCTETS(octets_of(room, sizeof room), "01 02 00");
    EXPECT_EQUAL(writer.length, 2);
}

static void test_front_and_rest_stay_inside(void)
{
    struct octets octets = hex("01 02 03");

    EXPECT_OCTETS(octets_front(octets, 2), "01 02");
    EXPECT_OCTETS(octets_after(octets, 2), "03");
    EXPECT_OCTETS(octets_front(octets, 9), "01 02 03");
    EXPECT_OCTETS(octets_after(octets, 9), "");
    EXPECT_EQUAL(octets_after(octets_of(NULL, 0), 9).length, 0);
}

static void test_octets_are_equal_by_content(void)
{
    EXPECT_EQUAL(octets_equal(hex("01 02"), hex("01 02")), true);
    EXPECT_EQUAL(octets_equal(hex("01 02"), hex("01 03")), false);
    EXPECT_EQUAL(octets_equal(hex("01 02"), hex("01")), false);
    EXPECT_EQUAL(octets_equal(hex(""), octets_of(NULL, 0)), true);
}

CU_TestInfo octets_tests[] = {
    {"reading past the end fails for good", test_reading_past_the_end_fails_for_good},
    {"reading all does not fail", test_reading_all_does_not_fail},
    {"reading nothing from nothing", test_reading_nothing_from_nothing},
    {"writing what does not fit writes nothing",
     test_writing_what_does_not_fit_writes_nothing},
    {"front and rest stay inside", test_front_and_rest_stay_inside},
    {"octets are equal by content", test_octets_are_equal_by_content},
    CU_TEST_INFO_NULL,
};
