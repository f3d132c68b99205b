"""Notices that are due and cannot go out are tried later and later"""
import sqlalchemy as sa
from alembic import op

import hub.db.columns

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tries', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('try_at', hub.db.columns.Utc(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('wrong', sa.String(length=200), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('wrong')
        batch_op.drop_column('try_at')
        batch_op.drop_column('tries')
