"""The first tables"""
import sqlalchemy as sa
from alembic import op

import hub.db.columns

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hub_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('private', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hub_key'))
    )
    op.create_table('joining',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('expires_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_joining')),
    sa.UniqueConstraint('code', name=op.f('uq_joining_code'))
    )
    with op.batch_alter_table('joining', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_joining_address'), ['address'], unique=False)

    op.create_table('login_failure',
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('who', sa.String(length=120), nullable=False),
    sa.Column('at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_failure'))
    )
    with op.batch_alter_table('login_failure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_failure_who_at'), ['who', 'at'], unique=False)

    op.create_table('village',
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('county', sa.String(length=80), nullable=False),
    sa.Column('zone', sa.String(length=80), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_village'))
    )
    op.create_table('alert',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_alert_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_alert'))
    )
    op.create_table('alert_channel',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('address', sa.String(length=500), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_alert_channel_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_alert_channel'))
    )
    op.create_table('audit',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('staff_id', sa.String(length=18), nullable=True),
    sa.Column('who', sa.String(length=80), nullable=False),
    sa.Column('did', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_audit_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_audit'))
    )
    op.create_table('staff',
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('login', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('phone', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=80), nullable=False),
    sa.Column('password', sa.String(length=200), nullable=False),
    sa.Column('totp', sa.String(length=80), nullable=False),
    sa.Column('totp_used', sa.Integer(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('left_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_staff_village_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('login', name=op.f('uq_staff_login'))
    )
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_village_id'), ['village_id'], unique=False)

    op.create_table('template',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_template_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_template'))
    )
    op.create_table('upload',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_upload_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_upload'))
    )
    op.create_table('alert_cause',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('cause', sa.String(length=120), nullable=False),
    sa.Column('alert_id', sa.String(length=18), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'alert_id'], ['alert.village_id', 'alert.id'], name=op.f('fk_alert_cause_village_id_alert_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_alert_cause_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'cause', name=op.f('pk_alert_cause'))
    )
    op.create_table('alert_sending',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('alert_id', sa.String(length=18), nullable=False),
    sa.Column('channel_id', sa.String(length=18), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('sent_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('wrong', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'alert_id'], ['alert.village_id', 'alert.id'], name=op.f('fk_alert_sending_village_id_alert_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id', 'channel_id'], ['alert_channel.village_id', 'alert_channel.id'], name=op.f('fk_alert_sending_village_id_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_alert_sending_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'alert_id', 'channel_id', name=op.f('pk_alert_sending'))
    )
    with op.batch_alter_table('alert_sending', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_sending_next_at'), ['next_at'], unique=False)

    op.create_table('api_token',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('webhook', sa.String(length=500), nullable=False),
    sa.Column('secret', sa.String(length=80), nullable=False),
    sa.Column('made_by', sa.String(length=18), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('revoked_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_api_token_made_by')),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_api_token_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest'))
    )
    op.create_table('grid',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('worker_id', sa.String(length=18), nullable=True),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_grid_village_id')),
    sa.ForeignKeyConstraint(['worker_id'], ['staff.id'], name=op.f('fk_grid_worker_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_grid'))
    )
    op.create_table('invitation',
    sa.Column('staff_id', sa.String(length=18), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('expires_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_invitation_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('key', name=op.f('uq_invitation_key'))
    )
    op.create_table('notice',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('author_id', sa.String(length=18), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=80), nullable=False),
    sa.Column('priority', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=80), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=200), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('targets', sa.JSON(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('send_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('repeat', sa.String(length=80), nullable=False),
    sa.Column('plan_id', sa.String(length=18), nullable=True),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.Column('sent_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('expires_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('token_id', sa.String(length=18), nullable=True),
    sa.Column('audio_id', sa.String(length=18), nullable=True),
    sa.Column('picture_id', sa.String(length=18), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['staff.id'], name=op.f('fk_notice_author_id')),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_notice_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_state_send_at'), ['state', 'send_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_village_id_created_at'), ['village_id', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_village_id_plan_id'), ['village_id', 'plan_id'], unique=False)

    op.create_table('session',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=18), nullable=False),
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('seen_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('expires_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_session_staff_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_session_village_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session'))
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_staff_id'), ['staff_id'], unique=False)

    op.create_table('household',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('grid_id', sa.String(length=18), nullable=True),
    sa.Column('phone', sa.String(length=80), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('created_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'grid_id'], ['grid.village_id', 'grid.id'], name=op.f('fk_household_village_id_grid_id')),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_household_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_household'))
    )
    op.create_table('webhook_call',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('token_id', sa.String(length=18), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('sent_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('wrong', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'token_id'], ['api_token.village_id', 'api_token.id'], name=op.f('fk_webhook_call_village_id_token_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_webhook_call_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_webhook_call'))
    )
    with op.batch_alter_table('webhook_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_call_next_at'), ['next_at'], unique=False)

    op.create_table('box',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('household_id', sa.String(length=18), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('joined_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('revoked_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('seen_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('receipts', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'household_id'], ['household.village_id', 'household.id'], name=op.f('fk_box_village_id_household_id')),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_box_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_box')),
    sa.UniqueConstraint('key', name=op.f('uq_box_key'))
    )
    op.create_table('resident',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=18), nullable=False),
    sa.Column('household_id', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('sought', sa.String(length=200), nullable=False),
    sa.Column('born', sa.Integer(), nullable=True),
    sa.Column('phone', sa.String(length=80), nullable=False),
    sa.Column('hearing', sa.String(length=80), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'household_id'], ['household.village_id', 'household.id'], name=op.f('fk_resident_village_id_household_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_resident_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'id', name=op.f('pk_resident'))
    )
    with op.batch_alter_table('resident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_resident_village_id_household_id'), ['village_id', 'household_id'], unique=False)

    op.create_table('box_message',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('box_id', sa.String(length=18), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('notice_id', sa.String(length=18), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('sent_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('expires_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['village_id', 'box_id'], ['box.village_id', 'box.id'], name=op.f('fk_box_message_village_id_box_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_box_message_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'box_id', 'number', name=op.f('pk_box_message'))
    )
    op.create_table('notice_receipt',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('notice_id', sa.String(length=18), nullable=False),
    sa.Column('box_id', sa.String(length=18), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('queued_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.Column('delivered_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('playing_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('heard_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('interrupted_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('confirmed_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('answered_at', hub.db.columns.Utc(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['village_id', 'box_id'], ['box.village_id', 'box.id'], name=op.f('fk_notice_receipt_village_id_box_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id', 'notice_id'], ['notice.village_id', 'notice.id'], name=op.f('fk_notice_receipt_village_id_notice_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_notice_receipt_village_id')),
    sa.PrimaryKeyConstraint('village_id', 'notice_id', 'box_id', name=op.f('pk_notice_receipt'))
    )


def downgrade() -> None:
    op.drop_table('notice_receipt')
    op.drop_table('box_message')
    with op.batch_alter_table('resident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_resident_village_id_household_id'))

    op.drop_table('resident')
    op.drop_table('box')
    with op.batch_alter_table('webhook_call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhook_call_next_at'))

    op.drop_table('webhook_call')
    op.drop_table('household')
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_session_staff_id'))
        batch_op.drop_index(batch_op.f('ix_session_expires_at'))

    op.drop_table('session')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_village_id_plan_id'))
        batch_op.drop_index(batch_op.f('ix_notice_village_id_created_at'))
        batch_op.drop_index(batch_op.f('ix_notice_state_send_at'))

    op.drop_table('notice')
    op.drop_table('invitation')
    op.drop_table('grid')
    op.drop_table('api_token')
    with op.batch_alter_table('alert_sending', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_sending_next_at'))

    op.drop_table('alert_sending')
    op.drop_table('alert_cause')
    op.drop_table('upload')
    op.drop_table('template')
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_village_id'))

    op.drop_table('staff')
    op.drop_table('audit')
    op.drop_table('alert_channel')
    op.drop_table('alert')
    op.drop_table('village')
    with op.batch_alter_table('login_failure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_failure_who_at'))

    op.drop_table('login_failure')
    with op.batch_alter_table('joining', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_joining_address'))

    op.drop_table('joining')
    op.drop_table('hub_key')
