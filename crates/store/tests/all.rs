//! The store's conformance suite: stories that every engine must tell the same way, and what is SQLite's alone.

#[path = "all/stage.rs"]
mod stage;
#[path = "all/staying.rs"]
mod staying;

#[path = "all/administering.rs"]
mod administering;
#[path = "all/amending.rs"]
mod amending;
#[path = "all/belonging.rs"]
mod belonging;
#[path = "all/databases.rs"]
mod databases;
#[path = "all/history.rs"]
mod history;
#[path = "all/journals.rs"]
mod journals;
#[path = "all/leases.rs"]
mod leases;
#[path = "all/looking_back.rs"]
mod looking_back;
#[path = "all/mentioning.rs"]
mod mentioning;
#[path = "all/moving.rs"]
mod moving;
#[path = "all/outages.rs"]
mod outages;
#[path = "all/personal.rs"]
mod personal;
#[path = "all/plans.rs"]
mod plans;
#[path = "all/posting.rs"]
mod posting;
#[path = "all/premises.rs"]
mod premises;
#[path = "all/publishing.rs"]
mod publishing;
#[path = "all/searching.rs"]
mod searching;
#[path = "all/secured.rs"]
mod secured;
#[path = "all/seeking.rs"]
mod seeking;
#[path = "all/several.rs"]
mod several;
#[path = "all/sqlite.rs"]
mod sqlite;
#[path = "all/touring.rs"]
mod touring;

/// Runs each story on each engine, as a test of its own, and then looks at how everything it asked for was answered.
macro_rules! on_every_engine {
    ($($module:ident :: $story:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                let stage = super::stage::Stage::sqlite();
                let begun = stage.statements();
                super::$module::$story(stage).await;
                super::plans::none_reads_whole(super::plans::Engine::Sqlite, &begun);
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $story() {
                let stage = super::stage::Stage::postgres();
                let begun = stage.statements();
                super::$module::$story(stage).await;
                super::plans::none_reads_whole(super::plans::Engine::Postgres, &begun);
            })*
        }
    };
}

on_every_engine! {
    publishing::a_topology_follows_the_newest_or_is_stale,
    publishing::a_published_topology_is_told_to_the_pool_and_a_rehearsed_one_is_not_there,
    publishing::a_topology_of_any_length_that_may_be_is_kept_whole,
    posting::numbers_are_dense_and_one_order_holds_for_all,
    posting::a_post_is_moved_when_the_room_changed_meanwhile,
    posting::a_post_is_moved_when_the_category_changed_meanwhile,
    posting::a_post_is_moved_when_its_author_was_disabled_meanwhile,
    posting::a_post_is_moved_when_its_room_or_author_is_gone,
    posting::a_repeated_client_id_is_kept_once,
    posting::a_client_id_that_comes_again_with_something_else_is_taken,
    posting::nobody_is_told_what_a_text_was_that_is_taken_away_or_replaced,
    posting::the_same_client_id_of_somebody_else_is_another_post,
    posting::the_same_client_id_in_another_room_is_another_post,
    posting::a_client_id_may_be_as_long_as_one_is,
    posting::a_second_open_supersedes_the_first,
    personal::no_text_that_is_kept_or_looked_for_holds_the_character_of_number_0,
    posting::waiting_posts_share_a_commit,
    posting::a_closed_store_refuses,
    posting::a_store_that_was_never_closed_keeps_everything,
    posting::time_never_goes_back,
    journals::the_feed_tells_every_commit_in_order,
    journals::a_reader_that_lagged_catches_up_from_the_journals,
    journals::joins_and_parts_are_kept_with_who_is_present,
    journals::a_new_start_begins_with_nobody_present,
    journals::a_view_is_kept,
    journals::a_new_era_begins_with_a_gap,
    journals::who_saw_beyond_the_fork_is_reset_to_it,
    journals::who_saw_another_past_is_never_told_to_go_on,
    journals::entries_come_in_pages,
    journals::a_page_of_long_texts_ends_early,
    journals::every_journal_of_a_busy_store_verifies,
    leases::a_place_is_one_installations_until_its_lease_is_over,
    leases::a_lost_server_is_ended_once_and_nobody_is_there_any_more,
    leases::who_renews_in_time_or_before_anybody_looked_is_not_lost,
    leases::who_serves_says_how_far_it_has_followed,
    leases::whose_own_time_is_over_ends_nobody_elses,
    leases::a_server_that_stops_leaves_nobody_behind,
    leases::four_are_active_and_eight_there_are,
    leases::what_is_no_name_of_a_machine_takes_no_place,
    leases::secrets_are_sealed_under_one_key,
    leases::what_servers_do_is_decided_by_all_of_them,
    leases::a_roster_names_the_places_at_which_it_is_true,
    history::windows_are_oldest_first,
    history::a_place_is_found_by_number_and_by_time,
    history::a_removed_text_is_gone_everywhere,
    history::a_replaced_text_is_shown_instead,
    history::what_is_not_kept_is_never_shown,
    history::what_is_not_kept_loses_its_text,
    history::a_removed_room_has_no_history,
    history::whoever_catches_up_hears_of_every_change,
    history::whoever_saw_a_lost_past_begins_again_where_it_was_lost,
    history::a_window_of_long_texts_ends_early_and_says_so,
    amending::a_sweep_finds_what_is_all_of_what_was_asked,
    amending::a_room_is_cleared_up_to_and_including_a_time,
    amending::many_are_amended_in_one_transaction_and_told_once,
    amending::more_than_one_transaction_takes_is_refused,
    amending::a_removed_room_and_a_moved_standing_are_left_alone,
    amending::a_large_room_is_purged_step_by_step,
    looking_back::operations_are_found_by_who_about_what_and_when,
    looking_back::the_parts_of_an_operation_are_told_apart,
    looking_back::a_rehearsal_and_a_refusal_leave_no_trace_in_the_record,
    looking_back::a_room_weighs_what_is_kept_of_its_posts,
    looking_back::posts_are_counted_by_room_person_and_day,
    searching::what_is_found_is_all_of_what_was_asked,
    searching::however_much_is_sieved_out_the_index_is_asked_once,
    searching::only_the_rooms_asked_are_searched,
    searching::words_cannot_become_syntax,
    searching::newest_first_and_exceeded,
    searching::more_rooms_than_one_query_holds,
    searching::case_and_accents_do_not_matter,
    administering::a_founded_store_keeps_its_identity,
    administering::rows_come_back_as_they_were_put,
    administering::names_are_unique_over_rooms_and_categories,
    administering::a_refused_operation_leaves_nothing,
    administering::a_stale_change_is_refused,
    administering::only_an_empty_category_is_removed,
    administering::an_address_given_out_again_is_somebody_new,
    administering::a_removed_person_leaves_every_list,
    administering::an_operation_is_told_in_the_journals,
    administering::credentials_are_replaced_and_erased,
    administering::notes_of_unfinished_work_come_and_go,
    administering::unknown_subjects_are_named,
    belonging::members_come_and_go_and_raise_what_they_should,
    belonging::what_a_change_touches_is_read_and_nothing_else,
    belonging::the_shortest_way_to_a_group_is_found,
    belonging::groups_come_in_pages_by_name,
    premises::who_lost_a_role_meanwhile_changes_nothing,
    premises::what_was_asked_by_a_token_revoked_meanwhile_is_refused,
    premises::who_was_disabled_or_removed_meanwhile_changes_nothing,
    premises::what_was_decided_from_something_else_is_refused,
    premises::a_policy_granted_meanwhile_and_an_add_in_shown_meanwhile_are_not_removed,
    seeking::people_come_in_pages_by_address_and_by_pattern,
    seeking::who_is_found_is_whole,
    seeking::policies_are_counted_by_who_has_them,
    seeking::an_address_is_the_pools_or_somebodys,
    seeking::what_shows_an_add_in_and_who_owns_a_token_is_found,
    seeking::who_granted_it_when_is_in_the_journal,
    personal::documents_have_versions,
    personal::a_full_shelf_refuses,
    personal::too_large_a_document_is_refused,
    personal::invitations_are_numbered_once,
    personal::read_marks_only_move_forward,
    personal::what_is_unread_leaves_out_the_gaps_of_eras,
    mentioning::mentions_are_kept_with_the_text_and_come_back_with_it,
    mentioning::unread_mentions_are_counted_for_whom_they_mean,
    mentioning::a_text_that_goes_mentions_nobody_any_more,
    mentioning::whoever_or_whatever_is_removed_is_mentioned_no_more,
    mentioning::a_post_that_comes_again_is_the_same_whomever_it_mentions_now,
    mentioning::a_store_of_the_former_program_goes_on_with_all_that_was_said,
    staying::a_session_outlives_the_server_and_ends_once_for_all,
    staying::the_least_lately_used_session_gives_way_and_what_is_over_goes,
    staying::what_everybody_knows_to_be_over_goes_although_it_was_used_lately,
    staying::nobody_stays_who_was_removed_nor_what_a_copy_remembers,
    several::four_servers_post_to_the_same_rooms,
    several::what_is_named_in_a_journal_of_a_server_is_there_whole,
    several::a_narrowed_category_is_narrow_on_every_server_at_once,
    several::one_of_two_who_replace_the_same_document_is_told_so,
    several::invitations_are_numbered_once_on_two_servers,
    plans::a_look_at_every_post_is_reported,
    touring::what_is_asked_seldom_is_answered_too,
    touring::every_filter_of_rooms_finds_them,
    touring::what_is_changed_seldom_is_changed,
    touring::a_directory_is_found_by_every_name_it_has,
}
